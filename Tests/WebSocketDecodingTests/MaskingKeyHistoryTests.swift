import Testing

@testable import WebSocketDecoding

/// What the masking keys of frames show in a row.
@Suite struct MaskingKeyHistoryTests {
  @Test(
    "Two equal keys in a row may be chance, three are a constant",
    arguments: [
      ([7], [nil]), ([7, 7], [nil, nil]), ([7, 7, 7], [nil, nil, .constantMaskingKey]),
      ([7, 7, 7, 7], [nil, nil, .constantMaskingKey, .constantMaskingKey]),
      ([7, 7, 8, 7, 7], [nil, nil, nil, nil, nil]), ([0], [.zeroMaskingKey]),
      ([7, 0, 7], [nil, .zeroMaskingKey, nil]),
    ] as [([UInt32], [FramingRule?])])
  func keys(keys: [UInt32], broken: [FramingRule?]) {
    var history = MaskingKeyHistory()
    let found = keys.map { key in
      let rule = history.rule(brokenBy: key)
      history.note(key)
      return rule
    }
    #expect(found == broken)
  }
}
