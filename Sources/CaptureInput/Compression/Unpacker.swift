/// One format's decoder. It stops where the output is full or the input is used up.
protocol Unpacker: AnyObject {
  func unpack(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(InputFailure) -> UnpackingStep
}
