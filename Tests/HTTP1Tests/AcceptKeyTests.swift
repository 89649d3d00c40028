import Testing

@testable import HTTP1

@Suite("Key and accept")
struct AcceptKeyTests {
  @Test(
    "the accept that answers a key",
    arguments: [
      (sampleKey, sampleAccept), ("x3JJHMbDL1EzLkh9GBhXDw==", "HSmrc0sMlYUkAGmm5OPpG2HaGWk="),
      ("K8o1cNIxO2pR6inTIDBSgg==", "guE/5GyBmwSZ7hEA9Lc6ubvN+Iw="),
    ])
  func accept(key: String, accept: String) {
    #expect(AcceptKey.accept(for: key) == accept)
  }

  @Test(
    "a key is base64 of 16 bytes",
    arguments: [
      (sampleKey, true), ("AAAAAAAAAAAAAAAAAAAAAA==", true), ("", false), ("dGhlIHNhbXBsZSBub25jZQ", false),
      ("dGhlIHNhbXBsZSBub25jZSE=", false), ("dGhlIHNhbXBsZSBub25j-Q==", false), ("AAAA", false),
      ("AAAAAAAAAAAAAAAAAAAAAA==AAAA", false), ("AAAAAAAAAAA=AAAAAAAAAA==", false),
    ])
  func keys(key: String, isValid: Bool) {
    #expect(AcceptKey.isValid(key: key) == isValid)
  }
}
