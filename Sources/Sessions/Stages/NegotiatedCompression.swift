import HTTP1
import WebSocketDecoding

extension DeflateParameters {
  /// What may be agreed on where the answer, or its rest, is not in the capture; nil when certainly nothing.
  init?(expectedAfter handshake: Handshake) {
    if let agreed = DeflateParameters(negotiatedIn: handshake) {
      self = agreed
      return
    }
    let mayBeOffered =
      handshake.request?.isCut ?? true
      || handshake.extensionsOffered.contains { $0.lowercased().contains("deflate") }
    guard mayBeOffered else { return nil }
    self.init()
  }

  /// The compression that a handshake agreed on; nil when none that is understood.
  init?(negotiatedIn handshake: Handshake) {
    let selected = handshake.extensionsSelected.flatMap { ExtensionOffer.parse($0) }
    if let element = selected.first(where: { DeflateNegotiation.isPerMessage($0) }) {
      self.init(parameters: element.parameters)
    } else if let element = selected.first(where: { DeflateNegotiation.isPerFrame($0) }) {
      let offered = handshake.extensionsOffered.flatMap { ExtensionOffer.parse($0) }
      let offer = offered.first { DeflateNegotiation.isPerFrame($0) }
      self.init(frameParametersOfClient: offer?.parameters ?? [], server: element.parameters)
    } else {
      return nil
    }
  }
}
