/// What is known of block types as such, whether their blocks are decoded or skipped.
/// https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html#name-block-types
enum PcapngBlockType {
  /// Whether blocks of a type may be larger than what is held in memory. Other types with such a length are taken for
  /// damage.
  static func mayBeLarge(_ type: UInt32) -> Bool { type >= 1 && type <= 14 || CustomBlock.isType(type) }

  /// Whether a type is so common that it may mark the place where blocks begin again after damage: interfaces, packets
  /// of three kinds, names, statistics, secrets, entries of systemd's journal, custom blocks.
  static func isCommon(_ type: UInt32) -> Bool {
    switch type {
    case InterfaceDescriptionBlock.type, ObsoletePacketBlock.type, SimplePacketBlock.type,
      NameResolutionBlock.type, InterfaceStatisticsBlock.type, EnhancedPacketBlock.type, systemdJournal,
      DecryptionSecretsBlock.type:
      true
    default: CustomBlock.isType(type)
    }
  }

  /// https://systemd.io/JOURNAL_EXPORT_FORMATS
  private static let systemdJournal: UInt32 = 9
}
