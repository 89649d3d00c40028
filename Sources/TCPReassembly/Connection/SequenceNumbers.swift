/// Sequence numbers are compared in a circle (RFC 9293 §3.4): the sign of the difference says which one is first.
@inline(__always)
func sequenceDistance(_ a: UInt32, from b: UInt32) -> Int { Int(Int32(bitPattern: a &- b)) }
