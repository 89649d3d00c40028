import Testing

@testable import HTTP1

@Suite("Sec-WebSocket-Extensions")
struct ExtensionOfferTests {
  private func text(_ offers: [ExtensionOffer]) -> String {
    offers.map { offer in
      ([offer.name] + offer.parameters.map { $0.name + ($0.value.map { "=" + $0 } ?? "") })
        .joined(separator: ";") + (offer.isWellFormed ? "" : "!")
    }.joined(separator: " , ")
  }

  @Test(
    "elements have a name and parameters; what breaks the grammar is marked and still read",
    arguments: [
      ("permessage-deflate", "permessage-deflate"),
      (
        "permessage-deflate; client_max_window_bits; server_max_window_bits=10",
        "permessage-deflate;client_max_window_bits;server_max_window_bits=10"
      ),
      ("a;b=\"c\" , d ;e = f", "a;b=c , d;e=f"), ("a;b=\"1\\0\"", "a;b=10"),
      ("a;b=\"c,d\"", "a;b=c,d!"), ("a;b=\"c;d\";e", "a;b=c;d;e!"), ("a;b=\"c", "a;b=c!"),
      ("a;b=\"c\"d", "a;b=c!"), ("a;b=", "a;b=!"), ("a;=b", "a;=b!"), ("a;;b", "a;b!"), ("a;", "a!"),
      (";", "!"), ("a b", "a b!"), ("", ""), (" , ,a,", "a"), ("a;b=\"\"", "a;b=!"),
      ("a;b=\"1\\0\";", "a;b=10!"), ("a;b=\"1\\0\" ; ;c", "a;b=10;c!"), ("a;b=\"\\\\\";c", "a;b=\\;c!"),
    ])
  func grammar(field: String, expected: String) {
    #expect(text(ExtensionOffer.parse(field)) == expected)
  }

  @Test("a parameter is absent, without a value, or has one")
  func lookup() throws {
    let offer = try #require(ExtensionOffer.parse("x; a; B=1").first)
    #expect(offer.value(of: "c") == nil)
    #expect(offer.value(of: "a") == .some(nil))
    #expect(offer.value(of: "b") == .some("1"))
  }
}
