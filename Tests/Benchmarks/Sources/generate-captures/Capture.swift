/// The capture that is being made: its file, its clock, its randomness and what went into it.
struct Capture: ~Copyable {
  private var file: CaptureFile
  private var headers = PacketHeaders()
  private(set) var microseconds: UInt64 = 1_763_683_200_000_000  // 2025-11-21T00:00:00Z
  private let meanInterval: Int
  private let requestedSize: Int

  /// What was compressed, for the benchmark's floor: see `PayloadFile`.
  private var payloads: PayloadFile?
  private var streams: UInt32 = 0

  var random: SplitMix64
  var counts = CaptureCounts()

  /// `meanInterval`: microseconds between two packets, on the average.
  init(path: String, payloads: String?, isPcapng: Bool, size: Int, seed: UInt64, meanInterval: Int) {
    self.payloads = payloads.map { PayloadFile(path: $0) }
    file = CaptureFile(path: path, isPcapng: isPcapng)
    requestedSize = size
    random = SplitMix64(seed: seed)
    self.meanInterval = meanInterval
  }

  /// True when the capture is long enough: conversations say goodbye and no new ones begin. So every
  /// connection in a capture is complete, and a count of its messages has no loose ends.
  var isEnding: Bool { file.pcapSize >= requestedSize }

  mutating func nextStream() -> UInt32 {
    streams += 1
    return streams - 1
  }

  mutating func noteCompressed(_ bytes: ArraySlice<UInt8>, stream: UInt32) {
    payloads?.append(bytes, stream: stream)
  }

  mutating func tcp(
    from source: Endpoint, to destination: Endpoint, _ fields: PacketHeaders.TCPFields,
    payload: ArraySlice<UInt8> = []
  ) {
    append(headers.tcp(from: source, to: destination, fields, payload: payload), payload)
  }

  mutating func udp(from source: Endpoint, to destination: Endpoint, payload: ArraySlice<UInt8>) {
    append(headers.udp(from: source, to: destination, payload: payload), payload)
  }

  private mutating func append(_ headers: ArraySlice<UInt8>, _ payload: ArraySlice<UInt8>) {
    microseconds += UInt64(random.within(1...(2 * meanInterval - 1)))
    file.append(microseconds: microseconds, headers: headers, payload: payload)
    counts.packets += 1
  }

  mutating func finish() {
    file.flush()
    payloads?.flush()
    counts.fileBytes = file.size
  }
}
