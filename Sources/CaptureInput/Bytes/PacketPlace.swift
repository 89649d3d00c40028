/// Where the bytes of a packet lie in the block.
struct PacketPlace {
  var start: Int
  var count: Int
}
