import PacketLayers
import TestSupport
import Testing
import WireBytes

@testable import TCPReassembly

@Suite("Round trips")
struct RoundTripTimerTests {
  private func ending(_ wire: Wire, _ direction: FlowDirection) throws -> DirectionEnding {
    try #require(wire.connection.endings[direction])
  }

  @Test func theHandshakeTimesBothEndsFromThePointOfCapture() throws {
    let wire = Wire(observes: true)
    wire.client(-1, "", .syn)
    wire.time += 20_000_000
    wire.server(-1, "", [.syn, .ack])
    wire.time += 3_000_000
    wire.client(0)
    wire.client(0, "x")
    wire.finish()
    #expect(try ending(wire, .fromInitiator).handshakeRoundTrip == 20_000_000 + wire.interval)
    #expect(try ending(wire, .fromResponder).handshakeRoundTrip == 3_000_000 + wire.interval)
  }

  @Test func aSynThatWasSentTwiceTimesNothing() throws {
    let wire = Wire(observes: true)
    wire.client(-1, "", .syn)
    wire.time += 1_000_000_000
    wire.client(-1, "", .syn)
    wire.server(-1, "", [.syn, .ack])
    wire.client(0)
    wire.client(0, "x")
    wire.finish()
    #expect(try ending(wire, .fromInitiator).handshakeRoundTrip == nil)
    #expect(try ending(wire, .fromResponder).handshakeRoundTrip == wire.interval)
  }

  @Test func aConnectionThatIsOverHoldsNoTimes() {
    var timer = RoundTripTimer()
    let (client, server) = (IPAddress(ipv4: 1), IPAddress(ipv4: 2))
    func segment(_ sequence: UInt32, _ acknowledgment: UInt32, fromClient: Bool, _ flags: TCPFlags)
      -> TCPSegment
    {
      TCPSegment(
        source: fromClient ? client : server, destination: fromClient ? server : client, sourcePort: 1,
        destinationPort: 2, sequence: sequence, acknowledgment: acknowledgment, flags: flags)
    }
    func time(_ milliseconds: Int) -> CaptureTime { .testStart.advanced(milliseconds: milliseconds) }
    timer.reset(0)
    let count = 20
    for index in 0..<count {
      let sequence = UInt32(1 + 10 * index)
      timer.take(segment(sequence, 1, fromClient: true, .ack), 10, 0, .fromInitiator, at: time(10 * index))
      timer.take(
        segment(1, sequence + 10, fromClient: false, .ack), 0, 0, .fromResponder, at: time(10 * index + 5))
    }
    #expect(timer.summary(0, .fromInitiator).count == 20)
    #expect(timer.held == 1)
    timer.take(segment(201, 1, fromClient: true, [.fin, .ack]), 0, 0, .fromInitiator, at: time(1000))
    timer.release(0)
    #expect(timer.held == 0)
    timer.take(segment(1, 202, fromClient: false, .ack), 0, 0, .fromResponder, at: time(1001))
    #expect(timer.held == 0)
    #expect(timer.summary(0, .fromInitiator).count == 0)
  }

  @Test func bytesAreTimedUntilTheyAreAcknowledged() throws {
    let wire = Wire(observes: true)
    wire.handshake()
    for (index, wait) in [Int64(5_000_000), 1_000_000, 9_000_000].enumerated() {
      wire.client(index, "x")
      wire.time += wait
      wire.server(0, ack: index + 1)
    }
    wire.finish()
    let trips = try ending(wire, .fromInitiator).roundTrips
    #expect(trips.count == 3)
    #expect(trips.minimum == 1_000_000 + wire.interval)
    #expect(trips.maximum == 9_000_000 + wire.interval)
    #expect(abs(trips.median - 5_001_000) < 5_001_000 / 16)
    #expect(try ending(wire, .fromResponder).roundTrips.count == 0)
  }

  @Test("What was sent twice times nothing: which copy was acknowledged is not known (Karn)")
  func karn() throws {
    let wire = Wire(observes: true)
    wire.handshake()
    wire.client(0, "ab")
    wire.time += 300_000_000
    wire.client(0, "ab")
    wire.server(0, ack: 2)
    wire.client(2, "c")
    wire.time += 4_000_000
    wire.server(0, ack: 3)
    wire.finish()
    let trips = try ending(wire, .fromInitiator).roundTrips
    #expect(trips.count == 1)
    #expect(trips.maximum == 4_000_000 + wire.interval)
  }

  @Test func anAcknowledgmentThatHadToWaitForAGapTimesNothing() throws {
    let wire = Wire(observes: true)
    wire.handshake()
    wire.client(2, "c")
    wire.time += 300_000_000
    wire.client(0, "ab")
    wire.server(0, ack: 3)
    wire.finish()
    #expect(try ending(wire, .fromInitiator).roundTrips.count <= 0)
  }

  @Test func aNewConnectionBetweenTheSameEndsHasItsOwn() throws {
    let wire = Wire(observes: true)
    wire.handshake()
    wire.client(0, "x")
    wire.time += 7_000_000
    wire.server(0, ack: 1)
    wire.clientStart = 900_000
    wire.serverStart = 700_000
    wire.client(-1, "", .syn)
    wire.time += 2_000_000
    wire.server(-1, "", [.syn, .ack])
    wire.client(0)
    wire.client(0, "y")
    wire.finish()
    #expect(wire.log.connections.count == 2)
    let second = try #require(wire.log.connections.last?.endings[.fromInitiator])
    #expect(second.handshakeRoundTrip == 2_000_000 + wire.interval)
    #expect(second.roundTrips.count == 0)
  }

  @Test func quantilesAreWithinASixteenth() {
    var random = SeededRandom(seed: 7)
    for scale in [Int64(1000), 1_000_000, 1_000_000_000] {
      var histograms = RoundTripHistograms()
      var times = TimedRoundTrips()
      let values = (0..<1000).map { _ in Int64.random(in: scale...20 * scale, using: &random) }.sorted()
      for value in values { times.add(value, &histograms) }
      let found = times.summary(&histograms)
      #expect(found.count == 1000)
      #expect(found.minimum == values[0])
      #expect(found.maximum == values[999])
      for (quantile, true_) in [(found.median, values[499]), (found.percentile95, values[949])] {
        #expect(abs(quantile - true_) <= true_ / 16 + 1, "\(quantile) for \(true_)")
      }
    }
  }

  @Test func aDirectionIsALineOfMemory() {
    #expect(MemoryLayout<RoundTripTimer.Clock>.stride == 64)
  }

  @Test func aFullBucketKeepsTheProportions() {
    var histograms = RoundTripHistograms()
    var times = TimedRoundTrips()
    for index in 0..<200_000 { times.add(index % 10 == 0 ? 1_000_000 : 1000, &histograms) }
    let found = times.summary(&histograms)
    #expect(found.count == 200_000)
    #expect(abs(found.median - 1000) <= 63)
    #expect(found.percentile95 >= 900_000)
  }

  @Test func aRowThatIsUsedAgainIsEmpty() {
    var histograms = RoundTripHistograms()
    var times = TimedRoundTrips()
    for _ in 0..<100 { times.add(5000, &histograms) }
    #expect(histograms.held == 1)
    times.release(&histograms)
    #expect(histograms.held == 0)
    times.add(9_000_000, &histograms)
    let found = times.summary(&histograms)
    #expect(histograms.held == 1)
    #expect(found.count == 1)
    #expect(found.median == 9_000_000)
  }

  @Test(
    "Of many times all count")
  func rangeOfAll() throws {
    let wire = Wire(observes: true)
    wire.handshake()
    for index in 0..<200 {
      wire.client(index, "x")
      wire.time += index == 101 ? 90_000_000 : index == 102 ? 1_000_000 : 10_000_000
      wire.server(0, ack: index + 1)
    }
    wire.finish()
    let trips = try ending(wire, .fromInitiator).roundTrips
    #expect(trips.count == 200)
    #expect(trips.minimum == 1_000_000 + wire.interval)
    #expect(trips.maximum == 90_000_000 + wire.interval)
    #expect(abs(trips.median - 10_000_000) < 10_000_000 / 16)
  }
}
