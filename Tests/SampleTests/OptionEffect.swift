/// What an option changes in the text output for a capture.
struct OptionEffect: Sendable {
  var options: [String]
  var capture: OptionCapture
  /// The lines that go, each after `- `, and those that come, each after `+ `.
  var changes = ""
  /// The whole output where all of it is another one.
  var output: String?

  init(_ options: String..., for capture: OptionCapture, changes: String = "") {
    (self.options, self.capture, self.changes) = (options, capture, changes)
  }

  init(_ options: String..., for capture: OptionCapture, output: String) {
    (self.options, self.capture, self.output) = (options, capture, output)
  }

  static let all: [OptionEffect] = [
    OptionEffect(
      "--frames", for: .talk,
      changes: """
        +      6    +0.002000  #1 ▶ frame  text FIN RSV1  6 + 7 B  mask 37fa213d
        +      7    +0.003000  #1 ◀ frame  text FIN  2 + 19 B  no mask
        +      8    +0.004000  #1 ◀ frame  ping FIN  2 + 2 B  no mask
        +      9    +0.005000  #1 ▶ frame  pong FIN  6 + 2 B  mask 01020304
        +     10    +0.006000  #1 ▶ frame  close FIN  6 + 5 B  mask 05060708
        +     11    +0.007000  #1 ◀ frame  close FIN  2 + 5 B  no mask
        """),
    OptionEffect(
      "--no-inflate", for: .talk,
      changes: """
        -      6    +0.002000  #1 ▶ text          5 B  [7 B, 0.7×] Hello
        -   #1 closed by the client with 1000 (normal closure) after 8.0 ms, 1 ▶ 1 ◀ messages, \
        deflate 0.7× ▶
        +      6    +0.002000  #1 ▶ text          7 B  [not inflated] f2 48 cd c9 c9 07 00  |.H.....|
        +   #1 closed by the client with 1000 (normal closure) after 8.0 ms, 1 ▶ 1 ◀ messages
        """),
    OptionEffect(
      "--max-payload", "3", for: .talk,
      changes: """
        -      6    +0.002000  #1 ▶ text          5 B  [7 B, 0.7×] Hello
        -      7    +0.003000  #1 ◀ text         19 B  The quick brown fox
        +      6    +0.002000  #1 ▶ text          5 B  [7 B, 0.7×] Hel…
        +      7    +0.003000  #1 ◀ text         19 B  The…
        """),
    OptionEffect(
      "--max-payload", "0", for: .talk,
      changes: """
        -      6    +0.002000  #1 ▶ text          5 B  [7 B, 0.7×] Hello
        -      7    +0.003000  #1 ◀ text         19 B  The quick brown fox
        -      8    +0.004000  #1 ◀ ping          2 B  p1
        -      9    +0.005000  #1 ▶ pong          2 B  p1   answers 8 after 1.0 ms
        -     10    +0.006000  #1 ▶ close         5 B  1000 normal closure "bye"
        -     11    +0.007000  #1 ◀ close         5 B  1000 normal closure "bye"
        +      6    +0.002000  #1 ▶ text          5 B
        +      7    +0.003000  #1 ◀ text         19 B
        +      8    +0.004000  #1 ◀ ping          2 B
        +      9    +0.005000  #1 ▶ pong          2 B  …   answers 8 after 1.0 ms
        +     10    +0.006000  #1 ▶ close         5 B  1000 normal closure
        +     11    +0.007000  #1 ◀ close         5 B  1000 normal closure
        """),
    OptionEffect("--max-payload", "19", for: .talk),
    OptionEffect(
      "--max-inflated", "4", for: .talk,
      changes: """
        -      6    +0.002000  #1 ▶ text          5 B  [7 B, 0.7×] Hello
        +      6    +0.002000  #1 ▶ ! inflation_too_large: more than 4 bytes, which is the limit (RFC \
        7692 §8)
        +      6    +0.002000  #1 ▶ text          5 B  [7 B, 0.7×] Hell…
        """),
    OptionEffect("--max-inflated", "5", for: .talk),
    OptionEffect(
      "-q", for: .talk,
      output: """
        14 packets, 1.2 KiB in 13 ms; 1 TCP connection
        1 WebSocket session: 1 upgraded
          client ▶  1 message of 5 B, 3 frames of 32 B, 0 pings, 1 pong
          server ◀  1 message of 19 B, 3 frames of 32 B, 1 ping, 0 pongs
        """),
    OptionEffect(
      "--quiet", for: .talk,
      output: """
        14 packets, 1.2 KiB in 13 ms; 1 TCP connection
        1 WebSocket session: 1 upgraded
          client ▶  1 message of 5 B, 3 frames of 32 B, 0 pings, 1 pong
          server ◀  1 message of 19 B, 3 frames of 32 B, 1 ping, 0 pongs
        """),
    OptionEffect(
      "-q", "--frames", "--tcp", for: .talk,
      output: """
        14 packets, 1.2 KiB in 13 ms; 1 TCP connection
        1 WebSocket session: 1 upgraded
          client ▶  1 message of 5 B, 3 frames of 32 B, 0 pings, 1 pong
          server ◀  1 message of 19 B, 3 frames of 32 B, 1 ping, 0 pongs
        """),
    OptionEffect(
      "--color", "always", for: .talk,
      output: """
        \u{1B}[1m#1  ws://server.example/\u{1B}[0m   10.0.0.1:40000 → 10.0.0.2:80
        \u{1B}[2m     4    +0.000000  \u{1B}[0m#1 \u{1B}[36m▶ \u{1B}[0mGET /   offers permessage-deflate
        \u{1B}[2m     5    +0.001000  \u{1B}[0m#1 \u{1B}[35m◀ \u{1B}[0m101 Switching Protocols   accept \
        ✓   permessage-deflate
        \u{1B}[2m     6    +0.002000  \u{1B}[0m#1 \u{1B}[36m▶ \u{1B}[0mtext          5 B  \u{1B}[2m[7 \
        B, 0.7×] \u{1B}[0mHello
        \u{1B}[2m     7    +0.003000  \u{1B}[0m#1 \u{1B}[35m◀ \u{1B}[0mtext         19 B  The quick \
        brown fox
        \u{1B}[2m     8    +0.004000  \u{1B}[0m#1 \u{1B}[35m◀ \u{1B}[0mping          2 B  p1
        \u{1B}[2m     9    +0.005000  \u{1B}[0m#1 \u{1B}[36m▶ \u{1B}[0mpong          2 B  p1\u{1B}[2m   \
        answers 8 after 1.0 ms\u{1B}[0m
        \u{1B}[2m    10    +0.006000  \u{1B}[0m#1 \u{1B}[36m▶ \u{1B}[0mclose         5 B  1000 normal \
        closure "bye"
        \u{1B}[2m    11    +0.007000  \u{1B}[0m#1 \u{1B}[35m◀ \u{1B}[0mclose         5 B  1000 normal \
        closure "bye"
          \u{1B}[32m#1 closed by the client with 1000 (normal closure)\u{1B}[0m after 8.0 ms, 1 \
        ▶ 1 ◀ messages, deflate 0.7× ▶

        \u{1B}[2m14 packets in 13 ms, 1 TCP connection, 1 WebSocket session\u{1B}[0m
        """),
    OptionEffect("--color", "never", for: .talk),
    OptionEffect("--color", "auto", for: .talk),
    OptionEffect("-l", for: .talk),
    OptionEffect("--line-buffered", for: .talk),
    OptionEffect(
      "--port", "8080", for: .twoPorts,
      changes: """
        - #1  ws://h/chat?room=1   10.0.0.1:40000 → 10.0.0.2:80
        -      4    +0.000000  #1 ▶ GET /chat?room=1
        -      5    +0.001000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
        -      6    +0.002000  #1 ◀ text          3 B  one
        -      packet 6: the last bytes, from the server, 1.0 ms earlier
        -      FIN from the client in packet 7, from the server in packet 8
        -\u{20}
        - #2  ws://h/chat?room=1   10.0.0.1:40001 → 10.0.0.2:8080
        -     13    +0.000000  #2 ▶ GET /chat?room=1
        -     14    +0.001000  #2 ◀ 101 Switching Protocols   accept ✓   no extensions
        -     15    +0.002000  #2 ◀ text          3 B  two
        -   #2 TCP closed by the client without a Close frame (a browser reports 1006) after 3.0 ms, 0 ▶ 1 \
        ◀ messages
        - 18 packets in 1.0 s, 2 TCP connections, 2 WebSocket sessions
        + #1  ws://h/chat?room=1   10.0.0.1:40001 → 10.0.0.2:8080
        +     13    +0.000000  #1 ▶ GET /chat?room=1
        +     14    +0.001000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
        +     15    +0.002000  #1 ◀ text          3 B  two
        + 18 packets in 1.0 s, 2 TCP connections, 1 WebSocket session
        """),
    OptionEffect("--port", "80", "--port", "8080", for: .twoPorts),
    OptionEffect(
      "--port", "40001", for: .twoPorts,
      changes: """
        - #1  ws://h/chat?room=1   10.0.0.1:40000 → 10.0.0.2:80
        -      4    +0.000000  #1 ▶ GET /chat?room=1
        -      5    +0.001000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
        -      6    +0.002000  #1 ◀ text          3 B  one
        -      packet 6: the last bytes, from the server, 1.0 ms earlier
        -      FIN from the client in packet 7, from the server in packet 8
        -\u{20}
        - #2  ws://h/chat?room=1   10.0.0.1:40001 → 10.0.0.2:8080
        -     13    +0.000000  #2 ▶ GET /chat?room=1
        -     14    +0.001000  #2 ◀ 101 Switching Protocols   accept ✓   no extensions
        -     15    +0.002000  #2 ◀ text          3 B  two
        -   #2 TCP closed by the client without a Close frame (a browser reports 1006) after 3.0 ms, 0 ▶ 1 \
        ◀ messages
        - 18 packets in 1.0 s, 2 TCP connections, 2 WebSocket sessions
        + #1  ws://h/chat?room=1   10.0.0.1:40001 → 10.0.0.2:8080
        +     13    +0.000000  #1 ▶ GET /chat?room=1
        +     14    +0.001000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
        +     15    +0.002000  #1 ◀ text          3 B  two
        + 18 packets in 1.0 s, 2 TCP connections, 1 WebSocket session
        """),
    OptionEffect(
      "-f", "port 8080", for: .twoPorts,
      changes: """
        - #1  ws://h/chat?room=1   10.0.0.1:40000 → 10.0.0.2:80
        -      4    +0.000000  #1 ▶ GET /chat?room=1
        -      5    +0.001000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
        -      6    +0.002000  #1 ◀ text          3 B  one
        -      packet 6: the last bytes, from the server, 1.0 ms earlier
        -      FIN from the client in packet 7, from the server in packet 8
        -\u{20}
        - #2  ws://h/chat?room=1   10.0.0.1:40001 → 10.0.0.2:8080
        -     13    +0.000000  #2 ▶ GET /chat?room=1
        -     14    +0.001000  #2 ◀ 101 Switching Protocols   accept ✓   no extensions
        -     15    +0.002000  #2 ◀ text          3 B  two
        -   #2 TCP closed by the client without a Close frame (a browser reports 1006) after 3.0 ms, 0 ▶ 1 \
        ◀ messages
        - 18 packets in 1.0 s, 2 TCP connections, 2 WebSocket sessions
        + #1  ws://h/chat?room=1   10.0.0.1:40001 → 10.0.0.2:8080
        +     13    +0.000000  #1 ▶ GET /chat?room=1
        +     14    +0.001000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
        +     15    +0.002000  #1 ◀ text          3 B  two
        + 9 packets in 8.0 ms, 1 TCP connection, 1 WebSocket session
        """),
    OptionEffect(
      "--filter", "port 8080", for: .twoPorts,
      changes: """
        - #1  ws://h/chat?room=1   10.0.0.1:40000 → 10.0.0.2:80
        -      4    +0.000000  #1 ▶ GET /chat?room=1
        -      5    +0.001000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
        -      6    +0.002000  #1 ◀ text          3 B  one
        -      packet 6: the last bytes, from the server, 1.0 ms earlier
        -      FIN from the client in packet 7, from the server in packet 8
        -\u{20}
        - #2  ws://h/chat?room=1   10.0.0.1:40001 → 10.0.0.2:8080
        -     13    +0.000000  #2 ▶ GET /chat?room=1
        -     14    +0.001000  #2 ◀ 101 Switching Protocols   accept ✓   no extensions
        -     15    +0.002000  #2 ◀ text          3 B  two
        -   #2 TCP closed by the client without a Close frame (a browser reports 1006) after 3.0 ms, 0 ▶ 1 \
        ◀ messages
        - 18 packets in 1.0 s, 2 TCP connections, 2 WebSocket sessions
        + #1  ws://h/chat?room=1   10.0.0.1:40001 → 10.0.0.2:8080
        +     13    +0.000000  #1 ▶ GET /chat?room=1
        +     14    +0.001000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
        +     15    +0.002000  #1 ◀ text          3 B  two
        + 9 packets in 8.0 ms, 1 TCP connection, 1 WebSocket session
        """),
    OptionEffect(
      "-q", for: .twoPorts,
      output: """
        18 packets, 1.5 KiB in 1.0 s; 2 TCP connections
        2 WebSocket sessions: 2 upgraded
          client ▶  0 messages of 0 B, 0 frames of 0 B
          server ◀  2 messages of 6 B, 2 frames of 10 B
        """),
    OptionEffect(
      "--decode-as", "websocket:9000", for: .loneFrame,
      changes: """
        - 7 packets in 6.0 ms, 1 TCP connection, 0 WebSocket sessions
        + #1  WebSocket (handshake not captured)   10.0.0.1:40000 → 10.0.0.2:9000
        +      4    +0.000000  #1   · picked_up: frames because of the port, as was asked for
        +      4    +0.000000  #1 ◀ text          2 B  hi
        +   #1 TCP closed by the client without a Close frame (a browser reports 1006) after 2.0 ms, 0 ▶ 1 \
        ◀ messages
        +      packet 4: no handshake captured; inferred from frames because of the port, as was asked for
        +      packet 4: the last bytes, from the server, 1.0 ms earlier
        +      FIN from the client in packet 5, from the server in packet 6
        +\u{20}
        + 7 packets in 6.0 ms, 1 TCP connection, 1 WebSocket session
        """),
    OptionEffect("--decode-as", "websocket:9001", for: .loneFrame),
    OptionEffect(
      "--decode-as", "websocket:1", "--decode-as", "websocket:9000", for: .loneFrame,
      changes: """
        - 7 packets in 6.0 ms, 1 TCP connection, 0 WebSocket sessions
        + #1  WebSocket (handshake not captured)   10.0.0.1:40000 → 10.0.0.2:9000
        +      4    +0.000000  #1   · picked_up: frames because of the port, as was asked for
        +      4    +0.000000  #1 ◀ text          2 B  hi
        +   #1 TCP closed by the client without a Close frame (a browser reports 1006) after 2.0 ms, 0 ▶ 1 \
        ◀ messages
        +      packet 4: no handshake captured; inferred from frames because of the port, as was asked for
        +      packet 4: the last bytes, from the server, 1.0 ms earlier
        +      FIN from the client in packet 5, from the server in packet 6
        +\u{20}
        + 7 packets in 6.0 ms, 1 TCP connection, 1 WebSocket session
        """),
    OptionEffect(
      "--overlap", "last", for: .overlap,
      changes: """
        -      7    +0.003000  #1 ◀ ! retransmission_conflict: the first copy is used (RFC 9293 §3.8.1)
        -      6    +0.002000  #1 ◀ text         10 B  beginfirst
        +      7    +0.003000  #1 ◀ ! retransmission_conflict: the last copy is used (RFC 9293 §3.8.1)
        +      6    +0.002000  #1 ◀ text         10 B  beginother
        """),
    OptionEffect("--overlap", "first", for: .overlap),
    OptionEffect(
      "--tcp", for: .disorder,
      changes: """
        +      tcp: packets 7 to 8 within 1.0 ms, 10 B out of order, waited 2.0 ms behind a gap
        +     12    +0.308000  #1 ◀ again  12 bytes from 158 on, although the client had acknowledged them
        +      tcp ▶: round trip 1.0 ms in the handshake, 1.0 ms later (1.0 ms to 1.0 ms, 95 %: 1.0 ms)
        +      tcp ◀: round trip 1.0 ms in the handshake, 1.0 ms later (1.0 ms to 4.0 ms, 95 %: 4.0 \
        ms), 12 B sent again in 1 segment, 12 B of them needlessly, 10 B late, up to 2.0 ms behind a gap
        """),
    OptionEffect(
      "--max-waiting", "10", for: .disorder,
      changes: """
        -      7    +0.003000  #1 ◀ text         27 B  a message in three segments
        -     10    +0.006000  #1 ◀ text         10 B  sent twice
        -   #1 TCP closed by the client without a Close frame (a browser reports 1006) after 309 ms, 0 ▶ 2 \
        ◀ messages
        - 15 packets in 314 ms, 1 TCP connection, 1 WebSocket session
        +      6    +0.002000  #1 ◀ gap    10 bytes of the stream are not in the capture
        +      6    +0.002000  #1 ◀ ! lost_frame_sync: 10 bytes were not captured where a frame header \
        was due
        +   #1 TCP closed by the client without a Close frame (a browser reports 1006) after 309 ms, 0 ▶ 0 \
        ◀ messages, 10 B not in the capture, 31 B that belong to no frame
        + 15 packets in 314 ms, 1 TCP connection, 1 WebSocket session, 1 gap given up early
        """),
    OptionEffect(
      "--max-waiting-in-all", "10", for: .disorder,
      changes: """
        -      7    +0.003000  #1 ◀ text         27 B  a message in three segments
        -     10    +0.006000  #1 ◀ text         10 B  sent twice
        -   #1 TCP closed by the client without a Close frame (a browser reports 1006) after 309 ms, 0 ▶ 2 \
        ◀ messages
        - 15 packets in 314 ms, 1 TCP connection, 1 WebSocket session
        +      6    +0.002000  #1 ◀ gap    10 bytes of the stream are not in the capture
        +      6    +0.002000  #1 ◀ ! lost_frame_sync: 10 bytes were not captured where a frame header \
        was due
        +   #1 TCP closed by the client without a Close frame (a browser reports 1006) after 309 ms, 0 ▶ 0 \
        ◀ messages, 10 B not in the capture, 31 B that belong to no frame
        + 15 packets in 314 ms, 1 TCP connection, 1 WebSocket session, 1 gap given up early
        """),
    OptionEffect(
      "--max-connections", "1", for: .interleaved,
      changes: """
        -     12    +0.008000  #1 ◀ text          5 B  after
        -   #1 TCP closed by the client without a Close frame (a browser reports 1006) after 9.0 ms, 0 ▶ 2 \
        ◀ messages
        -      packet 12: the last bytes, from the server, 1.0 ms earlier
        -      FIN from the client in packet 13, from the server in packet 14
        -   #2 still open when the capture ended after 0 ns, 0 ▶ 0 ◀ messages
        -      the capture ended; last packet of the connection at 2026-11-20T09:12:03.010000000Z
        - 15 packets in 14 ms, 2 TCP connections, 2 WebSocket sessions
        +   #1 evicted: no packet for too long, or too many connections after 1.0 ms, 0 ▶ 1 ◀ messages
        +      last packet of the connection at 2026-11-20T09:12:03.005000000Z
        +\u{20}
        +      reconnect 1, 4.0 ms after the end of #1
        +   #2 evicted: no packet for too long, or too many connections after 0 ns, 0 ▶ 0 ◀ messages
        +      last packet of the connection at 2026-11-20T09:12:03.010000000Z
        + 15 packets in 14 ms, 3 TCP connections, 2 WebSocket sessions, 2 connections evicted as too many
        """),
    OptionEffect("--max-connections", "2", for: .interleaved),
    OptionEffect(
      "--idle-timeout", "5", for: .silence,
      changes: """
        -    507   +10.003000  #1 ◀ text          5 B  after
        -   #1 TCP closed by the client without a Close frame (a browser reports 1006) after 10.0 s, 0 ▶ 2 \
        ◀ messages
        -      packet 507: the last bytes, from the server, 1.0 ms earlier
        -      FIN from the client in packet 508, from the server in packet 509
        - 510 packets in 10.0 s, 2 TCP connections, 1 WebSocket session
        +   #1 evicted: no packet for too long, or too many connections after 1.0 ms, 0 ▶ 1 ◀ messages
        +      last packet of the connection at 2026-11-20T09:12:03.005000000Z
        + 510 packets in 10.0 s, 3 TCP connections, 1 WebSocket session, 1 connection evicted as idle
        """),
    OptionEffect("--idle-timeout", "30", for: .silence),
    OptionEffect(
      "--max-pick-up", "500", for: .noise,
      changes: """
        - 20 packets in 19 ms, 1 TCP connection, 0 WebSocket sessions
        + 20 packets in 19 ms, 1 TCP connection, 0 WebSocket sessions, 1 search for frames given up
        """),
    OptionEffect("--max-pick-up", "1M", for: .noise),
    OptionEffect(
      "--show-secrets", for: .secrets,
      changes: """
        - #1  ws://server.example/?token=[redacted]   10.0.0.1:40000 → 10.0.0.2:80
        -      4    +0.000000  #1 ▶ GET /?token=[redacted]
        + #1  ws://server.example/?token=abc   10.0.0.1:40000 → 10.0.0.2:80
        +      4    +0.000000  #1 ▶ GET /?token=abc
        """),
  ]
}
