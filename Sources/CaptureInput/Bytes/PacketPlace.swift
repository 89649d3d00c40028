/// Where the bytes of a packet are in the `InputBlock`.
struct PacketPlace {
  var start: Int
  var count: Int
}
