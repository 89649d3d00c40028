import Testing

@testable import SessionAnalysis

@Suite struct IdleTimeoutTests {
  @Test(
    "A silence is compared with the table, a second and a half of lateness allowed",
    arguments: [
      (60.0, true), (59.95, true), (61.4, true), (59.8, false), (61.6, false), (100.0, true), (42.0, false),
      (0.0, false), (-5.0, false),
    ])
  func matching(seconds: Double, isKnown: Bool) {
    #expect(IdleTimeout.matching(Int64(seconds * 1e9)).isEmpty == !isKnown)
  }

  @Test(
    "What never sends a Close frame is not behind one, and what only forgets ends nothing",
    arguments: [
      (60, IdleTimeout.Ways.sendsClose, []),
      (30, .sendsClose, ["Jetty 10+ WebSocket idleTimeout", "SignalR ClientTimeoutInterval"]),
      (600, .sendsClose, ["AWS API Gateway WebSocket"]), (600, .endsTCP, ["AWS API Gateway WebSocket"]),
      (900, .endsTCP, []), (230, .endsTCP, ["Azure App Service"]),
    ] as [(Int64, IdleTimeout.Ways, [String])])
  func ways(seconds: Int64, way: IdleTimeout.Ways, names: [String]) {
    #expect(IdleTimeout.matching(seconds * 1_000_000_000, by: way).map(\.name) == names)
  }

  @Test func whatForgetsIsKnownByTheTimeItNeeds() {
    let names = IdleTimeout.forgetting(within: 1_000_000_000_000).map(\.name)
    #expect(
      names == [
        "Azure Load Balancer", "AWS NLB and NAT gateway", "Google Cloud VPC", "IPVS, as in Kubernetes",
      ])
    #expect(IdleTimeout.forgetting(within: 200_000_000_000).isEmpty)
  }

  @Test func aSilenceThatWasSurvivedRulesOutItsTimeouts() {
    let second: Int64 = 1_000_000_000
    #expect(!IdleTimeout.matching(60 * second + 300, survived: 60 * second - 10_000_001).isEmpty)
    #expect(IdleTimeout.matching(60 * second + 300, survived: 60 * second - 10_000_000).isEmpty)
  }

  @Test func everyRowNamesItsSource() {
    for row in IdleTimeout.known {
      #expect(row.seconds > 0 && !row.name.isEmpty && row.source.contains(","))
    }
    #expect(IdleTimeout.known.map(\.seconds) == IdleTimeout.known.map(\.seconds).sorted())
  }
}
