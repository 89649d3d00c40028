import WireBytes

@testable import HTTP1
@testable import SessionAnalysis
@testable import TCPReassembly
@testable import WebSocketDecoding

extension PrinterCase {
  static let openings: [PrinterCase] = [
    PrinterCase(
      "a handshake with all that the text shows of one",
      Sample.opened(
        Sample.handshake(
          Sample.request + [
            "Origin: https://example.com", "Sec-WebSocket-Protocol: chat, superchat",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
          ],
          Sample.response + [
            "Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: permessage-deflate",
          ])),
      text: #"""
        #1  ws://example.com/chat   10.0.0.1:40000 → [2001:db8::1]:8080
             4    +0.000000  #1 ▶ GET /chat   Origin https://example.com   subprotocol chat, superchat   offers permessage-deflate; client_max_window_bits
             6    +0.002000  #1 ◀ 101 Switching Protocols   accept ✓   subprotocol chat   permessage-deflate
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":"ws://example.com/chat","http_version":"1.1","tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":{"time":"2026-11-20T09:12:03.123456789Z","packet":4,"method":"GET","target":"/chat","headers":[["Host","example.com"],["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Version","13"],["Sec-WebSocket-Key","dGhlIHNhbXBsZSBub25jZQ=="],["Origin","https://example.com"],["Sec-WebSocket-Protocol","chat, superchat"],["Sec-WebSocket-Extensions","permessage-deflate; client_max_window_bits"]]},"response":{"time":"2026-11-20T09:12:03.125456789Z","packet":6,"status":101,"reason":"Switching Protocols","headers":[["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Accept","s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],["Sec-WebSocket-Protocol","chat"],["Sec-WebSocket-Extensions","permessage-deflate"]]},"handshake":{"outcome":"upgraded","key":"dGhlIHNhbXBsZSBub25jZQ==","accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","expected_accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","accept_valid":true,"version":"13","origin":"https://example.com","subprotocol":{"offered":["chat","superchat"],"selected":"chat"},"extensions":{"offered":["permessage-deflate; client_max_window_bits"],"selected":["permessage-deflate"]}}}
        """#),
    PrinterCase(
      "a handshake with nothing but what is required", Sample.opened(Sample.handshake()),
      text: #"""
        #1  ws://example.com/chat   10.0.0.1:40000 → [2001:db8::1]:8080
             4    +0.000000  #1 ▶ GET /chat
             6    +0.002000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":"ws://example.com/chat","http_version":"1.1","tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":{"time":"2026-11-20T09:12:03.123456789Z","packet":4,"method":"GET","target":"/chat","headers":[["Host","example.com"],["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Version","13"],["Sec-WebSocket-Key","dGhlIHNhbXBsZSBub25jZQ=="]]},"response":{"time":"2026-11-20T09:12:03.125456789Z","packet":6,"status":101,"reason":"Switching Protocols","headers":[["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Accept","s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]]},"handshake":{"outcome":"upgraded","key":"dGhlIHNhbXBsZSBub25jZQ==","accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","expected_accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","accept_valid":true,"version":"13","origin":null,"subprotocol":{"offered":[],"selected":null},"extensions":{"offered":[],"selected":[]}}}
        """#),
    PrinterCase(
      "a wrong accept and no reason phrase",
      Sample.opened(
        Sample.handshake(
          Sample.request,
          ["HTTP/1.1 101", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: wrong"])),
      text: #"""
        #1  ws://example.com/chat   10.0.0.1:40000 → [2001:db8::1]:8080
             4    +0.000000  #1 ▶ GET /chat
             6    +0.002000  #1 ◀ 101   accept ✗   no extensions
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":"ws://example.com/chat","http_version":"1.1","tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":{"time":"2026-11-20T09:12:03.123456789Z","packet":4,"method":"GET","target":"/chat","headers":[["Host","example.com"],["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Version","13"],["Sec-WebSocket-Key","dGhlIHNhbXBsZSBub25jZQ=="]]},"response":{"time":"2026-11-20T09:12:03.125456789Z","packet":6,"status":101,"reason":"","headers":[["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Accept","wrong"]]},"handshake":{"outcome":"invalid","key":"dGhlIHNhbXBsZSBub25jZQ==","accept":"wrong","expected_accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","accept_valid":false,"version":"13","origin":null,"subprotocol":{"offered":[],"selected":null},"extensions":{"offered":[],"selected":[]}}}
        """#),
    PrinterCase(
      "a refusal with the fields that explain it",
      Sample.opened(
        Sample.handshake(
          Sample.request,
          [
            "HTTP/1.1 426 Upgrade Required", "Location: /elsewhere", "Sec-WebSocket-Version: 8",
            "WWW-Authenticate: Basic realm=\"x\"",
          ])),
      text: #"""
        #1  ws://example.com/chat   10.0.0.1:40000 → [2001:db8::1]:8080
             4    +0.000000  #1 ▶ GET /chat
             6    +0.002000  #1 ◀ 426 Upgrade Required   Location: /elsewhere   Sec-WebSocket-Version: 8   WWW-Authenticate: Basic realm="x"
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":"ws://example.com/chat","http_version":"1.1","tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":{"time":"2026-11-20T09:12:03.123456789Z","packet":4,"method":"GET","target":"/chat","headers":[["Host","example.com"],["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Version","13"],["Sec-WebSocket-Key","dGhlIHNhbXBsZSBub25jZQ=="]]},"response":{"time":"2026-11-20T09:12:03.125456789Z","packet":6,"status":426,"reason":"Upgrade Required","headers":[["Location","/elsewhere"],["Sec-WebSocket-Version","8"],["WWW-Authenticate","Basic realm=\"x\""]]},"handshake":{"outcome":"rejected","key":"dGhlIHNhbXBsZSBub25jZQ==","accept":null,"expected_accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","accept_valid":null,"version":"13","origin":null,"subprotocol":{"offered":[],"selected":null},"extensions":{"offered":[],"selected":[]}}}
        """#),
    PrinterCase(
      "no answer", Sample.opened(Sample.handshake(Sample.request, nil)),
      text: #"""
        #1  ws://example.com/chat   10.0.0.1:40000 → [2001:db8::1]:8080
             4    +0.000000  #1 ▶ GET /chat
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":"ws://example.com/chat","http_version":"1.1","tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":{"time":"2026-11-20T09:12:03.123456789Z","packet":4,"method":"GET","target":"/chat","headers":[["Host","example.com"],["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Version","13"],["Sec-WebSocket-Key","dGhlIHNhbXBsZSBub25jZQ=="]]},"response":null,"handshake":{"outcome":"incomplete","key":"dGhlIHNhbXBsZSBub25jZQ==","accept":null,"expected_accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","accept_valid":null,"version":"13","origin":null,"subprotocol":{"offered":[],"selected":null},"extensions":{"offered":[],"selected":[]}}}
        """#),
    PrinterCase(
      "an answer without its request", Sample.opened(Sample.handshake(nil)),
      text: #"""
        #1  WebSocket (handshake not captured whole)   10.0.0.1:40000 → [2001:db8::1]:8080
             6    +0.002000  #1 ◀ 101 Switching Protocols   no extensions
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":null,"http_version":null,"tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":null,"response":{"time":"2026-11-20T09:12:03.125456789Z","packet":6,"status":101,"reason":"Switching Protocols","headers":[["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Accept","s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]]},"handshake":{"outcome":"upgraded","key":null,"accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","expected_accept":null,"accept_valid":null,"version":null,"origin":null,"subprotocol":{"offered":[],"selected":null},"extensions":{"offered":[],"selected":[]}}}
        """#),
    PrinterCase(
      "no handshake", Sample.opened(nil),
      text: #"#1  WebSocket (handshake not captured)   10.0.0.1:40000 → [2001:db8::1]:8080"#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":null,"http_version":null,"tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":null,"response":null,"handshake":{"outcome":"not_captured"}}
        """#),
    PrinterCase(
      "heads that are cut within the target and after a field",
      Sample.opened(
        Handshake(
          request: Sample.head(.client, ["GET /a/very/lo"], isCut: true),
          response: Sample.head(.server, ["HTTP/1.1 101 OK", "Upgrade: websocket", "Sec-We"], isCut: true))),
      text: #"""
        #1  WebSocket (handshake not captured whole)   10.0.0.1:40000 → [2001:db8::1]:8080
             4    +0.000000  #1 ▶ GET /a/very/lo…   cut
             6    +0.002000  #1 ◀ 101 OK   cut
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":null,"http_version":null,"tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":{"time":"2026-11-20T09:12:03.123456789Z","packet":4,"method":"GET","target":"/a/very/lo","cut":true,"headers":[]},"response":{"time":"2026-11-20T09:12:03.125456789Z","packet":6,"status":101,"reason":"OK","cut":true,"headers":[["Upgrade","websocket"]]},"handshake":{"outcome":"upgraded","key":null,"accept":null,"expected_accept":null,"accept_valid":null,"version":null,"origin":null,"subprotocol":{"offered":[],"selected":null},"extensions":{"offered":[],"selected":[]}}}
        """#),
    PrinterCase(
      "secrets that are hidden",
      Sample.opened(
        Sample.handshake(
          ["GET /chat?token=0123456789abcdef HTTP/1.1"] + Sample.request.dropFirst() + [
            "Cookie: sid=0123456789abcdef", "Authorization: Bearer 0123456789abcdef",
            "Origin: https://u:0123456789abcdef@example.com",
            "Sec-WebSocket-Protocol: access_token, 0123456789abcdef",
          ], Sample.response + ["Set-Cookie: sid=fedcba9876543210", "Sec-WebSocket-Protocol: access_token"]),
        hidesSecrets: true),
      text: #"""
        #1  ws://example.com/chat?token=[redacted]   10.0.0.1:40000 → [2001:db8::1]:8080
             4    +0.000000  #1 ▶ GET /chat?token=[redacted]   Origin https://u:[redacted]@example.com   subprotocol access_token, [redacted]
             6    +0.002000  #1 ◀ 101 Switching Protocols   accept ✓   subprotocol access_token   no extensions
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":"ws://example.com/chat?token=[redacted]","http_version":"1.1","tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":{"time":"2026-11-20T09:12:03.123456789Z","packet":4,"method":"GET","target":"/chat?token=[redacted]","headers":[["Host","example.com"],["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Version","13"],["Sec-WebSocket-Key","dGhlIHNhbXBsZSBub25jZQ=="],["Cookie","sid=[redacted]"],["Authorization","Bearer [redacted]"],["Origin","https://u:[redacted]@example.com"],["Sec-WebSocket-Protocol","access_token, [redacted]"]]},"response":{"time":"2026-11-20T09:12:03.125456789Z","packet":6,"status":101,"reason":"Switching Protocols","headers":[["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Accept","s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],["Set-Cookie","sid=[redacted]"],["Sec-WebSocket-Protocol","access_token"]]},"handshake":{"outcome":"upgraded","key":"dGhlIHNhbXBsZSBub25jZQ==","accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","expected_accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","accept_valid":true,"version":"13","origin":"https://u:[redacted]@example.com","subprotocol":{"offered":["access_token","[redacted]"],"selected":"access_token"},"extensions":{"offered":[],"selected":[]}},"redacted":["Cookie","Authorization","Origin","Set-Cookie","query parameter token","subprotocol"]}
        """#),
    PrinterCase(
      "the first reconnect",
      Sample.opened(
        Sample.handshake(),
        reconnect: Reconnect(after: 4, count: 1, delay: 1_000_000_000, delays: [1_000_000_000], backoff: nil)),
      text: #"""
        #1  ws://example.com/chat   10.0.0.1:40000 → [2001:db8::1]:8080
             reconnect 1, 1.0 s after the end of #4
             4    +0.000000  #1 ▶ GET /chat
             6    +0.002000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":"ws://example.com/chat","http_version":"1.1","tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":{"time":"2026-11-20T09:12:03.123456789Z","packet":4,"method":"GET","target":"/chat","headers":[["Host","example.com"],["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Version","13"],["Sec-WebSocket-Key","dGhlIHNhbXBsZSBub25jZQ=="]]},"response":{"time":"2026-11-20T09:12:03.125456789Z","packet":6,"status":101,"reason":"Switching Protocols","headers":[["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Accept","s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]]},"handshake":{"outcome":"upgraded","key":"dGhlIHNhbXBsZSBub25jZQ==","accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","expected_accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","accept_valid":true,"version":"13","origin":null,"subprotocol":{"offered":[],"selected":null},"extensions":{"offered":[],"selected":[]}},"reconnect":{"after":4,"count":1,"delay":1}}
        """#),
    PrinterCase(
      "a pause that stays the same", reconnected(1000, 1000, 1000),
      text: #"""
        #1  ws://example.com/chat   10.0.0.1:40000 → [2001:db8::1]:8080
             reconnect 3, 1.0 s after the end of #4; it waited 1.0 s, 1.0 s, 1.0 s: perhaps a fixed pause
             4    +0.000000  #1 ▶ GET /chat
             6    +0.002000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":"ws://example.com/chat","http_version":"1.1","tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":{"time":"2026-11-20T09:12:03.123456789Z","packet":4,"method":"GET","target":"/chat","headers":[["Host","example.com"],["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Version","13"],["Sec-WebSocket-Key","dGhlIHNhbXBsZSBub25jZQ=="]]},"response":{"time":"2026-11-20T09:12:03.125456789Z","packet":6,"status":101,"reason":"Switching Protocols","headers":[["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Accept","s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]]},"handshake":{"outcome":"upgraded","key":"dGhlIHNhbXBsZSBub25jZQ==","accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","expected_accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","accept_valid":true,"version":"13","origin":null,"subprotocol":{"offered":[],"selected":null},"extensions":{"offered":[],"selected":[]}},"reconnect":{"after":4,"count":3,"delay":1,"delays":[1,1,1],"back_off":{"shape":"fixed","inferred":true}}}
        """#),
    PrinterCase(
      "a linear back-off", reconnected(1000, 2000, 3000),
      text: #"""
        #1  ws://example.com/chat   10.0.0.1:40000 → [2001:db8::1]:8080
             reconnect 3, 3.0 s after the end of #4; it waited 1.0 s, 2.0 s, 3.0 s: perhaps a linear back-off
             4    +0.000000  #1 ▶ GET /chat
             6    +0.002000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":"ws://example.com/chat","http_version":"1.1","tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":{"time":"2026-11-20T09:12:03.123456789Z","packet":4,"method":"GET","target":"/chat","headers":[["Host","example.com"],["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Version","13"],["Sec-WebSocket-Key","dGhlIHNhbXBsZSBub25jZQ=="]]},"response":{"time":"2026-11-20T09:12:03.125456789Z","packet":6,"status":101,"reason":"Switching Protocols","headers":[["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Accept","s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]]},"handshake":{"outcome":"upgraded","key":"dGhlIHNhbXBsZSBub25jZQ==","accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","expected_accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","accept_valid":true,"version":"13","origin":null,"subprotocol":{"offered":[],"selected":null},"extensions":{"offered":[],"selected":[]}},"reconnect":{"after":4,"count":3,"delay":3,"delays":[1,2,3],"back_off":{"shape":"linear","inferred":true}}}
        """#),
    PrinterCase(
      "an exponential back-off with a limit", reconnected(100, 200, 400, 800, 1000, 1000),
      text: #"""
        #1  ws://example.com/chat   10.0.0.1:40000 → [2001:db8::1]:8080
             reconnect 6, 1.0 s after the end of #4; it waited … 200 ms, 400 ms, 800 ms, 1.0 s, 1.0 s: perhaps an exponential back-off, ×2.0, up to 1.0 s
             4    +0.000000  #1 ▶ GET /chat
             6    +0.002000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":"ws://example.com/chat","http_version":"1.1","tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":{"time":"2026-11-20T09:12:03.123456789Z","packet":4,"method":"GET","target":"/chat","headers":[["Host","example.com"],["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Version","13"],["Sec-WebSocket-Key","dGhlIHNhbXBsZSBub25jZQ=="]]},"response":{"time":"2026-11-20T09:12:03.125456789Z","packet":6,"status":101,"reason":"Switching Protocols","headers":[["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Accept","s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]]},"handshake":{"outcome":"upgraded","key":"dGhlIHNhbXBsZSBub25jZQ==","accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","expected_accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","accept_valid":true,"version":"13","origin":null,"subprotocol":{"offered":[],"selected":null},"extensions":{"offered":[],"selected":[]}},"reconnect":{"after":4,"count":6,"delay":1,"delays":[0.1,0.2,0.4,0.8,1,1],"back_off":{"shape":"exponential","inferred":true,"factor":2,"limit":1}}}
        """#),
    PrinterCase(
      "a growing back-off", reconnected(100, 110, 500, 600),
      text: #"""
        #1  ws://example.com/chat   10.0.0.1:40000 → [2001:db8::1]:8080
             reconnect 4, 600 ms after the end of #4; it waited 100 ms, 110 ms, 500 ms, 600 ms: perhaps a growing back-off, with jitter
             4    +0.000000  #1 ▶ GET /chat
             6    +0.002000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":"ws://example.com/chat","http_version":"1.1","tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":{"time":"2026-11-20T09:12:03.123456789Z","packet":4,"method":"GET","target":"/chat","headers":[["Host","example.com"],["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Version","13"],["Sec-WebSocket-Key","dGhlIHNhbXBsZSBub25jZQ=="]]},"response":{"time":"2026-11-20T09:12:03.125456789Z","packet":6,"status":101,"reason":"Switching Protocols","headers":[["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Accept","s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]]},"handshake":{"outcome":"upgraded","key":"dGhlIHNhbXBsZSBub25jZQ==","accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","expected_accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","accept_valid":true,"version":"13","origin":null,"subprotocol":{"offered":[],"selected":null},"extensions":{"offered":[],"selected":[]}},"reconnect":{"after":4,"count":4,"delay":0.6,"delays":[0.1,0.11,0.5,0.6],"back_off":{"shape":"growing","inferred":true}}}
        """#),
    PrinterCase(
      "a pause with jitter", reconnected(600, 100, 500),
      text: #"""
        #1  ws://example.com/chat   10.0.0.1:40000 → [2001:db8::1]:8080
             reconnect 3, 500 ms after the end of #4; it waited 600 ms, 100 ms, 500 ms: perhaps a pause with jitter
             4    +0.000000  #1 ▶ GET /chat
             6    +0.002000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":"ws://example.com/chat","http_version":"1.1","tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":{"time":"2026-11-20T09:12:03.123456789Z","packet":4,"method":"GET","target":"/chat","headers":[["Host","example.com"],["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Version","13"],["Sec-WebSocket-Key","dGhlIHNhbXBsZSBub25jZQ=="]]},"response":{"time":"2026-11-20T09:12:03.125456789Z","packet":6,"status":101,"reason":"Switching Protocols","headers":[["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Accept","s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]]},"handshake":{"outcome":"upgraded","key":"dGhlIHNhbXBsZSBub25jZQ==","accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","expected_accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","accept_valid":true,"version":"13","origin":null,"subprotocol":{"offered":[],"selected":null},"extensions":{"offered":[],"selected":[]}},"reconnect":{"after":4,"count":3,"delay":0.5,"delays":[0.6,0.1,0.5],"back_off":{"shape":"jittered","inferred":true}}}
        """#),
    PrinterCase(
      "the leg before a proxy",
      Sample.opened(Sample.handshake(), leg: ProxyLeg(of: 2, isFront: true, delay: 680_000)),
      text: #"""
        #1  ws://example.com/chat   10.0.0.1:40000 → [2001:db8::1]:8080
             the leg between the client and a proxy; #2 is the other one, by its key; the request took 680 µs through the proxy
             4    +0.000000  #1 ▶ GET /chat
             6    +0.002000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":"ws://example.com/chat","http_version":"1.1","tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":{"time":"2026-11-20T09:12:03.123456789Z","packet":4,"method":"GET","target":"/chat","headers":[["Host","example.com"],["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Version","13"],["Sec-WebSocket-Key","dGhlIHNhbXBsZSBub25jZQ=="]]},"response":{"time":"2026-11-20T09:12:03.125456789Z","packet":6,"status":101,"reason":"Switching Protocols","headers":[["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Accept","s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]]},"handshake":{"outcome":"upgraded","key":"dGhlIHNhbXBsZSBub25jZQ==","accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","expected_accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","accept_valid":true,"version":"13","origin":null,"subprotocol":{"offered":[],"selected":null},"extensions":{"offered":[],"selected":[]}},"leg":{"of":2,"role":"front","delay":0.00068}}
        """#),
    PrinterCase(
      "the leg after a proxy",
      Sample.opened(Sample.handshake(), leg: ProxyLeg(of: 2, isFront: false, delay: 680_000)),
      text: #"""
        #1  ws://example.com/chat   10.0.0.1:40000 → [2001:db8::1]:8080
             the leg between a proxy and the server; #2 is the other one, by its key; the request took 680 µs through the proxy
             4    +0.000000  #1 ▶ GET /chat
             6    +0.002000  #1 ◀ 101 Switching Protocols   accept ✓   no extensions
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":"ws://example.com/chat","http_version":"1.1","tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":{"time":"2026-11-20T09:12:03.123456789Z","packet":4,"method":"GET","target":"/chat","headers":[["Host","example.com"],["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Version","13"],["Sec-WebSocket-Key","dGhlIHNhbXBsZSBub25jZQ=="]]},"response":{"time":"2026-11-20T09:12:03.125456789Z","packet":6,"status":101,"reason":"Switching Protocols","headers":[["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Accept","s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]]},"handshake":{"outcome":"upgraded","key":"dGhlIHNhbXBsZSBub25jZQ==","accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","expected_accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","accept_valid":true,"version":"13","origin":null,"subprotocol":{"offered":[],"selected":null},"extensions":{"offered":[],"selected":[]}},"leg":{"of":2,"role":"back","delay":0.00068}}
        """#),
    PrinterCase(
      "hostile text in every field of a handshake",
      Sample.opened(
        Sample.handshake(
          [
            "GET /\u{1B}]0;t\u{7}\u{202E}\"\\ HTTP/1.1", "Host: h\u{1B}[2J\u{9B}1m", "Upgrade: websocket",
            "Connection: Upgrade", "Sec-WebSocket-Key: k\u{7F}\u{200B}",
            "Sec-WebSocket-Version: 13\u{8}", "Origin: o\u{2028}\u{1B}c",
            "Sec-WebSocket-Protocol: p\u{1B}7", "Sec-WebSocket-Extensions: e\u{2066}\u{1B}8",
          ],
          [
            "HTTP/1.1 101 r\u{1B}[31m", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Accept: a\u{1B}D", "Sec-WebSocket-Protocol: q\u{1B}E",
            "Sec-WebSocket-Extensions: f\u{1B}M", "X-\u{1B}: v\u{1B}",
          ])),
      text: #"""
        #1  ws://h\x1b[2J\u{9b}1m/\x1b]0;t\x07\u{202e}"\   10.0.0.1:40000 → [2001:db8::1]:8080
             4    +0.000000  #1 ▶ GET /\x1b]0;t\x07\u{202e}"\   Origin o\u{2028}\x1bc   subprotocol p\x1b7   offers e\u{2066}\x1b8
             6    +0.002000  #1 ◀ 101 r\x1b[31m   accept ✗   subprotocol q\x1bE   f\x1bM
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":"ws://h\u001b[2J\u009b1m/\u001b]0;t\u0007\#u{202e}\"\\","http_version":"1.1","tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":{"time":"2026-11-20T09:12:03.123456789Z","packet":4,"method":"GET","target":"/\u001b]0;t\u0007\#u{202e}\"\\","headers":[["Host","h\u001b[2J\u009b1m"],["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Key","k\u007f\#u{200b}"],["Sec-WebSocket-Version","13\b"],["Origin","o\#u{2028}\u001bc"],["Sec-WebSocket-Protocol","p\u001b7"],["Sec-WebSocket-Extensions","e\#u{2066}\u001b8"]]},"response":{"time":"2026-11-20T09:12:03.125456789Z","packet":6,"status":101,"reason":"r\u001b[31m","headers":[["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Accept","a\u001bD"],["Sec-WebSocket-Protocol","q\u001bE"],["Sec-WebSocket-Extensions","f\u001bM"],["X-\u001b","v\u001b"]]},"handshake":{"outcome":"invalid","key":"k\u007f\#u{200b}","accept":"a\u001bD","expected_accept":"6aLUgL6ctN5BzzKtlp929ImWDNg=","accept_valid":false,"version":"13\b","origin":"o\#u{2028}\u001bc","subprotocol":{"offered":["p\u001b7"],"selected":"q\u001bE"},"extensions":{"offered":["e\#u{2066}\u001b8"],"selected":["f\u001bM"]}}}
        """#),
    PrinterCase(
      "hostile text in a refusal",
      Sample.opened(
        Sample.handshake(
          Sample.request,
          [
            "HTTP/1.1 302 r\u{1B}[31m", "Location: l\u{1B}D\u{202E}", "Sec-WebSocket-Version: v\u{1B}E",
            "WWW-Authenticate: w\u{1B}M",
          ])),
      text: #"""
        #1  ws://example.com/chat   10.0.0.1:40000 → [2001:db8::1]:8080
             4    +0.000000  #1 ▶ GET /chat
             6    +0.002000  #1 ◀ 302 r\x1b[31m   Location: l\x1bD\u{202e}   Sec-WebSocket-Version: v\x1bE   WWW-Authenticate: w\x1bM
        """#,
      json: #"""
        {"event":"session_open","session":1,"time":"2026-11-20T09:12:03.125456789Z","client":{"ip":"10.0.0.1","port":40000},"server":{"ip":"2001:db8::1","port":8080},"url":"ws://example.com/chat","http_version":"1.1","tcp_stream":3,"community_id":"1:QEPiKXa06i0pNwcRccZZq2AbBh4=","tls":null,"request":{"time":"2026-11-20T09:12:03.123456789Z","packet":4,"method":"GET","target":"/chat","headers":[["Host","example.com"],["Upgrade","websocket"],["Connection","Upgrade"],["Sec-WebSocket-Version","13"],["Sec-WebSocket-Key","dGhlIHNhbXBsZSBub25jZQ=="]]},"response":{"time":"2026-11-20T09:12:03.125456789Z","packet":6,"status":302,"reason":"r\u001b[31m","headers":[["Location","l\u001bD\#u{202e}"],["Sec-WebSocket-Version","v\u001bE"],["WWW-Authenticate","w\u001bM"]]},"handshake":{"outcome":"rejected","key":"dGhlIHNhbXBsZSBub25jZQ==","accept":null,"expected_accept":"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=","accept_valid":null,"version":"13","origin":null,"subprotocol":{"offered":[],"selected":null},"extensions":{"offered":[],"selected":[]}}}
        """#),
  ]

  private static func reconnected(_ milliseconds: Int64...) -> TestEvent {
    let delays = milliseconds.map { $0 * 1_000_000 }
    return Sample.opened(
      Sample.handshake(),
      reconnect: Reconnect(
        after: 4, count: delays.count, delay: delays[delays.count - 1], delays: delays,
        backoff: ReconnectBackoff(delays)))
  }

  static let closings: [PrinterCase] = [
    PrinterCase(
      "a closing handshake, of which the text needs no evidence",
      Sample.closed {
        $0.clientClose = Sample.closeFrame(.client, 1000, "bye", packet: 270)
        $0.serverClose = Sample.closeFrame(.server, 1000, packet: 271)
      },
      text: #"  #1 closed by the client with 1000 (normal closure) after 60.1 s, 3 ▶ 1 ◀ messages"#,
      json: #"""
        {"event":"session_close","session":1,"time":"2026-11-20T09:13:03.248456789Z","packet":273,"duration":60.123,"closed_by":"client","how":"close_handshake","code":1000,"verdict":"closed by the client with 1000 (normal closure)","evidence":["packet 270: Close 1000 (normal closure) \"bye\" from the client","packet 271: Close 1000 (normal closure) from the server","FIN from both sides, first from the client; the second in packet 273"],"cause":null,"idle":59.8,"client":{"messages":3,"frames":3,"bytes":300,"wire_bytes":318,"pings":0,"pongs":0,"stream_bytes":318,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.223456789Z","last_packet":260},"server":{"messages":1,"frames":1,"bytes":2048,"wire_bytes":2054,"pings":0,"pongs":0,"stream_bytes":2054,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.323456789Z","last_packet":261},"lost_bytes":0,"unexplained_bytes":0}
        """#),
    PrinterCase(
      "a side that sent nothing, and bytes lost and belonging to no frame on either",
      Sample.closed(.captureEnd, by: nil) {
        $0.client.counts = Sample.counts(lost: 1448, unexplained: 3)
        $0.server.counts = Sample.counts(messages: 2, bytes: 10, pings: 4, lost: 1000, unexplained: 2000)
        ($0.client.lastBytes, $0.server.lastBytes) = (nil, nil)
      },
      text: #"""
          #1 still open when the capture ended after 60.1 s, 0 ▶ 2 ◀ messages, 2.4 KiB not in the capture, 2.0 KiB that belong to no frame
             the capture ended; last packet of the connection at 2026-11-20T09:13:03.248456789Z
        """#,
      json: #"""
        {"event":"session_close","session":1,"time":"2026-11-20T09:13:03.248456789Z","packet":273,"duration":60.123,"closed_by":null,"how":"capture_end","code":null,"verdict":"still open when the capture ended","evidence":["the capture ended; last packet of the connection at 2026-11-20T09:13:03.248456789Z"],"cause":null,"client":{"messages":0,"frames":0,"bytes":0,"wire_bytes":0,"pings":0,"pongs":0,"stream_bytes":1451,"lost_bytes":1448,"unexplained_bytes":3},"server":{"messages":2,"frames":6,"bytes":10,"wire_bytes":46,"pings":4,"pongs":0,"stream_bytes":3046,"lost_bytes":1000,"unexplained_bytes":2000},"lost_bytes":2448,"unexplained_bytes":2003}
        """#),
    PrinterCase(
      "an idle timeout",
      Sample.closed(.fin, by: .server) {
        $0.firstFin = FirstFin(side: .server, position: Sample.at(271, 60_200))
      },
      text: #"""
          #1 TCP closed by the server without a Close frame (a browser reports 1006) after 60.1 s, 3 ▶ 1 ◀ messages
             after 60.0 s without a byte: perhaps an idle timeout (60 s is the default of nginx proxy_read_timeout, AWS ALB idle timeout, Apache httpd Timeout)
             packet 261: the last bytes, from the server, 60.0 s earlier
             FIN from the server in packet 271, from the client in packet 273
        """#,
      json: #"""
        {"event":"session_close","session":1,"time":"2026-11-20T09:13:03.248456789Z","packet":273,"duration":60.123,"closed_by":"server","how":"fin","code":null,"verdict":"TCP closed by the server without a Close frame (a browser reports 1006), after 60.0 s without a byte: perhaps an idle timeout (60 s is the default of nginx proxy_read_timeout, AWS ALB idle timeout, Apache httpd Timeout)","evidence":["packet 261: the last bytes, from the server, 60.0 s earlier","FIN from the server in packet 271, from the client in packet 273"],"cause":"idle_timeout","idle":60,"client":{"messages":3,"frames":3,"bytes":300,"wire_bytes":318,"pings":0,"pongs":0,"stream_bytes":318,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.223456789Z","last_packet":260},"server":{"messages":1,"frames":1,"bytes":2048,"wire_bytes":2054,"pings":0,"pongs":0,"stream_bytes":2054,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.323456789Z","last_packet":261},"lost_bytes":0,"unexplained_bytes":0}
        """#),
    PrinterCase(
      "a refusal",
      Sample.closed(
        handshake: Sample.handshake(Sample.request, ["HTTP/1.1 403 Forbidden", "Content-Length: 0"])
      ) {
        ($0.client, $0.server) = (SideSummary(), SideSummary())
      },
      text: #"  #1 upgrade rejected with 403 Forbidden"#,
      json: #"""
        {"event":"session_close","session":1,"time":"2026-11-20T09:13:03.248456789Z","packet":273,"duration":60.123,"closed_by":"client","how":"fin","code":null,"verdict":"upgrade rejected with 403 Forbidden","evidence":["packet 6: HTTP status 403","FIN from both sides, first from the client; the second in packet 273"],"cause":null,"client":{"messages":0,"frames":0,"bytes":0,"wire_bytes":0,"pings":0,"pongs":0,"stream_bytes":0,"lost_bytes":0,"unexplained_bytes":0},"server":{"messages":0,"frames":0,"bytes":0,"wire_bytes":0,"pings":0,"pongs":0,"stream_bytes":0,"lost_bytes":0,"unexplained_bytes":0},"lost_bytes":0,"unexplained_bytes":0}
        """#),
    PrinterCase(
      "no answer to the request",
      Sample.closed(.rst, by: .client, handshake: Sample.handshake(Sample.request, nil)) {
        ($0.client, $0.server) = (SideSummary(), SideSummary())
      },
      text: #"""
          #1 no response to the upgrade request was captured; reset by the client 60.1 s after the request
             packet 273: RST from the client
        """#,
      json: #"""
        {"event":"session_close","session":1,"time":"2026-11-20T09:13:03.248456789Z","packet":273,"duration":60.123,"closed_by":"client","how":"rst","code":null,"verdict":"no response to the upgrade request was captured; reset by the client 60.1 s after the request","evidence":["packet 273: RST from the client"],"cause":null,"client":{"messages":0,"frames":0,"bytes":0,"wire_bytes":0,"pings":0,"pongs":0,"stream_bytes":0,"lost_bytes":0,"unexplained_bytes":0},"server":{"messages":0,"frames":0,"bytes":0,"wire_bytes":0,"pings":0,"pongs":0,"stream_bytes":0,"lost_bytes":0,"unexplained_bytes":0},"lost_bytes":0,"unexplained_bytes":0}
        """#),
    PrinterCase(
      "compression on both sides",
      Sample.closed(.captureEnd, by: nil) {
        ($0.client.compression.messages, $0.client.compression.bytes) = (3, 300)
        $0.client.compression.compressedBytes = 100
        ($0.server.compression.messages, $0.server.compression.bytes) = (1, 2048)
        $0.server.compression.compressedBytes = 10
      },
      text: #"""
          #1 still open when the capture ended after 60.1 s, 3 ▶ 1 ◀ messages, deflate 3.0× ▶ 204.8× ◀
             the capture ended; last packet of the connection at 2026-11-20T09:13:03.248456789Z
        """#,
      json: #"""
        {"event":"session_close","session":1,"time":"2026-11-20T09:13:03.248456789Z","packet":273,"duration":60.123,"closed_by":null,"how":"capture_end","code":null,"verdict":"still open when the capture ended","evidence":["the capture ended; last packet of the connection at 2026-11-20T09:13:03.248456789Z"],"cause":null,"client":{"messages":3,"frames":3,"bytes":300,"wire_bytes":318,"pings":0,"pongs":0,"stream_bytes":318,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.223456789Z","last_packet":260,"compression":{"messages":3,"bytes":300,"compressed_bytes":100,"compression_ratio":3}},"server":{"messages":1,"frames":1,"bytes":2048,"wire_bytes":2054,"pings":0,"pongs":0,"stream_bytes":2054,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.323456789Z","last_packet":261,"compression":{"messages":1,"bytes":2048,"compressed_bytes":10,"compression_ratio":204.8}},"lost_bytes":0,"unexplained_bytes":0}
        """#),
    PrinterCase(
      "heartbeats: one alone, some that were answered, some that need no answer",
      Sample.closed(.captureEnd, by: nil) {
        var single = Heartbeat(.sockJS, .server, isQuestion: false)
        single.beat(at: Sample.at(10, 100))
        var pings = Heartbeat(.ping, .server, isQuestion: true)
        for beat in 0..<3 {
          pings.beat(at: Sample.at(20, [0, 20_000, 50_000][beat]))
          if beat < 2 { pings.answer(after: Int64(beat + 1) * 700_000) }
        }
        var oneWay = Heartbeat(.stomp, .client, isQuestion: false)
        oneWay.beat(at: Sample.at(30, 0))
        oneWay.beat(at: Sample.at(31, 10_000))
        $0.heartbeats = [single, pings, oneWay]
      },
      text: #"""
          #1 still open when the capture ended after 60.1 s, 3 ▶ 1 ◀ messages
             heartbeat: 3 × ping by the server every 25.0 s (± 7.1 s), answered after 700 µs (longest 1.4 ms), 1 not answered
             heartbeat: 2 × STOMP by the client every 10.0 s
             the capture ended; last packet of the connection at 2026-11-20T09:13:03.248456789Z
        """#,
      json: #"""
        {"event":"session_close","session":1,"time":"2026-11-20T09:13:03.248456789Z","packet":273,"duration":60.123,"closed_by":null,"how":"capture_end","code":null,"verdict":"still open when the capture ended","evidence":["the capture ended; last packet of the connection at 2026-11-20T09:13:03.248456789Z"],"cause":null,"client":{"messages":3,"frames":3,"bytes":300,"wire_bytes":318,"pings":0,"pongs":0,"stream_bytes":318,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.223456789Z","last_packet":260},"server":{"messages":1,"frames":1,"bytes":2048,"wire_bytes":2054,"pings":0,"pongs":0,"stream_bytes":2054,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.323456789Z","last_packet":261},"heartbeats":[{"kind":"sockjs","from":"server","count":1},{"kind":"ping","from":"server","count":3,"answered":2,"unanswered":1,"interval":{"mean":25,"min":20,"max":30,"jitter":7.071067812},"rtt":{"min":0.0007,"median":0.0007,"p95":0.0014,"max":0.0014}},{"kind":"stomp","from":"client","count":2,"interval":{"mean":10,"min":10,"max":10}}],"lost_bytes":0,"unexplained_bytes":0}
        """#),
    PrinterCase(
      "rules that were broken too often to list",
      Sample.closed(.captureEnd, by: nil) {
        $0.suppressed = [
          (FramingRule.unmaskedClientFrame.rule, .client, 70), (FramingRule.invalidUTF8.rule, .server, 100),
        ]
      },
      text: #"""
          #1 still open when the capture ended after 60.1 s, 3 ▶ 1 ◀ messages
             the capture ended; last packet of the connection at 2026-11-20T09:13:03.248456789Z
             … unmasked_client_frame by the client: 70 times in all
             … invalid_utf8 by the server: 100 times in all
        """#,
      json: #"""
        {"event":"session_close","session":1,"time":"2026-11-20T09:13:03.248456789Z","packet":273,"duration":60.123,"closed_by":null,"how":"capture_end","code":null,"verdict":"still open when the capture ended","evidence":["the capture ended; last packet of the connection at 2026-11-20T09:13:03.248456789Z"],"cause":null,"client":{"messages":3,"frames":3,"bytes":300,"wire_bytes":318,"pings":0,"pongs":0,"stream_bytes":318,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.223456789Z","last_packet":260},"server":{"messages":1,"frames":1,"bytes":2048,"wire_bytes":2054,"pings":0,"pongs":0,"stream_bytes":2054,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.323456789Z","last_packet":261},"lost_bytes":0,"unexplained_bytes":0,"anomalies_not_listed":[{"rule":"unmasked_client_frame","from":"client","count":70},{"rule":"invalid_utf8","from":"server","count":100}]}
        """#),
    PrinterCase(
      "the legs around a proxy, one of them still open",
      Sample.closed(.captureEnd, by: nil) {
        $0.legs = [
          leg(.key, isFinal: true, toServer: Sample.duration(300_000, 1_000_000, 2_000_000)),
          leg(.content(equal: 12, of: 13, alternatives: 2), isFront: false, isFinal: false),
        ]
      },
      text: #"""
          #1 still open when the capture ended after 60.1 s, 3 ▶ 1 ◀ messages
             the leg between the client and a proxy; #2 is the other one, by its key; 20 messages on both
             the proxy adds 1.0 ms to the server (shortest 300 µs, longest 2.0 ms)
             the leg between a proxy and the server; #2 is the other one, inferred from 12 equal messages of 13 (2 other sessions would fit as well)
             the capture ended; last packet of the connection at 2026-11-20T09:13:03.248456789Z
        """#,
      json: #"""
        {"event":"session_close","session":1,"time":"2026-11-20T09:13:03.248456789Z","packet":273,"duration":60.123,"closed_by":null,"how":"capture_end","code":null,"verdict":"still open when the capture ended","evidence":["the capture ended; last packet of the connection at 2026-11-20T09:13:03.248456789Z"],"cause":null,"client":{"messages":3,"frames":3,"bytes":300,"wire_bytes":318,"pings":0,"pongs":0,"stream_bytes":318,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.223456789Z","last_packet":260},"server":{"messages":1,"frames":1,"bytes":2048,"wire_bytes":2054,"pings":0,"pongs":0,"stream_bytes":2054,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.323456789Z","last_packet":261},"legs":[{"of":2,"role":"front","by":"key","final":true,"matched":20,"not_compared":0,"lost_bytes":0,"delay":{"to_server":{"min":0.0003,"median":0.001,"p95":0.002,"max":0.002},"to_client":null},"difference_count":0,"differences":[]},{"of":2,"role":"back","by":"content","inferred":true,"score":0.92,"compared_at_first":13,"alternatives":2,"final":false,"matched":20,"not_compared":0,"lost_bytes":0,"delay":{"to_server":null,"to_client":null},"difference_count":0,"differences":[]}],"lost_bytes":0,"unexplained_bytes":0}
        """#),
    PrinterCase(
      "legs that differ",
      Sample.closed(.captureEnd, by: nil) {
        let message = MessageFingerprint(number: 3, hash: nil, bytes: 14, at: Sample.start)
        let other = MessageFingerprint(number: 4, hash: nil, bytes: 15, at: Sample.start)
        $0.legs = [
          leg(
            .content(equal: 12, of: 12, alternatives: 0), isFinal: true,
            differences: [
              LegDifference(side: .client, front: message, back: nil),
              LegDifference(side: .server, front: nil, back: message),
              LegDifference(side: .server, front: message, back: other),
            ], differenceCount: 5, notCompared: 6, lost: 700)
        ]
      },
      text: #"""
          #1 still open when the capture ended after 60.1 s, 3 ▶ 1 ◀ messages
             the leg between the client and a proxy; #2 is the other one, inferred from 12 equal messages of 12; 20 messages on both, 6 not compared
             only #1 has message 3 from the client: packet 3, 14 bytes
             only #2 has message 3 from the server: packet 3, 14 bytes
             message 3 from the server differs: packet 3 of #1 (14 bytes), packet 4 of #2 (15 bytes)
             … 5 differences in all
             perhaps because 700 bytes were not captured
             the capture ended; last packet of the connection at 2026-11-20T09:13:03.248456789Z
        """#,
      json: #"""
        {"event":"session_close","session":1,"time":"2026-11-20T09:13:03.248456789Z","packet":273,"duration":60.123,"closed_by":null,"how":"capture_end","code":null,"verdict":"still open when the capture ended","evidence":["the capture ended; last packet of the connection at 2026-11-20T09:13:03.248456789Z"],"cause":null,"client":{"messages":3,"frames":3,"bytes":300,"wire_bytes":318,"pings":0,"pongs":0,"stream_bytes":318,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.223456789Z","last_packet":260},"server":{"messages":1,"frames":1,"bytes":2048,"wire_bytes":2054,"pings":0,"pongs":0,"stream_bytes":2054,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.323456789Z","last_packet":261},"legs":[{"of":2,"role":"front","by":"content","inferred":true,"score":1,"compared_at_first":12,"alternatives":0,"final":true,"matched":20,"not_compared":6,"lost_bytes":700,"delay":{"to_server":null,"to_client":null},"difference_count":5,"differences":[{"from":"client","front":{"message":3,"packet":3,"bytes":14},"back":null},{"from":"server","front":null,"back":{"message":3,"packet":3,"bytes":14}},{"from":"server","front":{"message":3,"packet":3,"bytes":14},"back":{"message":4,"packet":4,"bytes":15}}]}],"lost_bytes":0,"unexplained_bytes":0}
        """#),
    PrinterCase(
      "all that TCP did",
      Sample.closed(.captureEnd, by: nil) {
        let connection = ConnectionTransport()
        var room = 100
        let notes: [TransportNote] = [
          .retransmitted(0..<1448, wasAcknowledged: false), .retransmitted(0..<100, wasAcknowledged: true),
          .late(200..<300, isPresumedLost: false), .waited(0..<10, for: 210_000_000),
          .windowClosed(0..<1), .windowOpened(0..<1, after: 40_000_000), .keepAlive, .keepAlive,
          .capturedTwice(0..<1),
        ]
        for note in notes { connection[.fromInitiator].take(note, at: Sample.at(9), &room) }
        connection[.fromInitiator].end(
          DirectionEnding(
            unconfirmed: UnconfirmedBytes(bytes: 77, repetitions: 2, time: 1_000_000_000),
            handshakeRoundTrip: 5_000_000,
            roundTrips: RoundTrips(
              count: 4, minimum: 1_000_000, maximum: 9_000_000, median: 2_000_000, percentile95: 8_000_000)))
        $0.transport = SessionTransport(connection: connection, clientIsInitiator: true)
      },
      text: #"""
          #1 still open when the capture ended after 60.1 s, 3 ▶ 1 ◀ messages
             the capture ended; last packet of the connection at 2026-11-20T09:13:03.248456789Z
             tcp ▶: round trip 5.0 ms in the handshake, 2.0 ms later (1.0 ms to 9.0 ms, 95 %: 8.0 ms), 1548 B sent again in 2 segments, 100 B of them needlessly, 100 B late, up to 210 ms behind a gap, the receiver's window was zero once, 40 ms in all, 2 keep-alive probes, 1 segment captured twice
        """#,
      json: #"""
        {"event":"session_close","session":1,"time":"2026-11-20T09:13:03.248456789Z","packet":273,"duration":60.123,"closed_by":null,"how":"capture_end","code":null,"verdict":"still open when the capture ended","evidence":["the capture ended; last packet of the connection at 2026-11-20T09:13:03.248456789Z"],"cause":null,"client":{"messages":3,"frames":3,"bytes":300,"wire_bytes":318,"pings":0,"pongs":0,"stream_bytes":318,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.223456789Z","last_packet":260},"server":{"messages":1,"frames":1,"bytes":2048,"wire_bytes":2054,"pings":0,"pongs":0,"stream_bytes":2054,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.323456789Z","last_packet":261},"tcp":{"client":{"rtt":{"handshake":0.005,"samples":4,"min":0.001,"median":0.002,"p95":0.008,"max":0.009},"retransmissions":2,"retransmitted_bytes":1548,"spurious_bytes":100,"late_bytes":100,"longest_wait":0.21,"zero_windows":1,"zero_window_time":0.04,"keep_alives":2,"captured_twice":1,"unacknowledged_bytes":77,"unacknowledged_retransmissions":2},"server":{"rtt":{"handshake":null,"samples":0},"retransmissions":0,"retransmitted_bytes":0,"late_bytes":0,"longest_wait":0,"zero_windows":0}},"lost_bytes":0,"unexplained_bytes":0}
        """#),
    PrinterCase(
      "a receive window that was zero now and then, and at the end",
      Sample.closed(.captureEnd, by: nil) {
        let connection = ConnectionTransport()
        var room = 100
        let notes: [TransportNote] = [
          .windowClosed(0..<1), .windowOpened(0..<1, after: 40_000_000), .windowClosed(1..<2),
        ]
        for note in notes { connection[.fromInitiator].take(note, at: Sample.at(9), &room) }
        connection[.fromInitiator].end(
          DirectionEnding(
            closedWindow: ClosedWindow(time: 60_000_000, confirmed: 0, packet: 9), roundTrips: RoundTrips()))
        $0.transport = SessionTransport(connection: connection, clientIsInitiator: true)
      },
      text: #"""
          #1 still open when the capture ended after 60.1 s, 3 ▶ 1 ◀ messages
             the capture ended; last packet of the connection at 2026-11-20T09:13:03.248456789Z
             tcp ▶: the receiver's window was zero 2 times, 100 ms in all
        """#,
      json: #"""
        {"event":"session_close","session":1,"time":"2026-11-20T09:13:03.248456789Z","packet":273,"duration":60.123,"closed_by":null,"how":"capture_end","code":null,"verdict":"still open when the capture ended","evidence":["the capture ended; last packet of the connection at 2026-11-20T09:13:03.248456789Z"],"cause":null,"client":{"messages":3,"frames":3,"bytes":300,"wire_bytes":318,"pings":0,"pongs":0,"stream_bytes":318,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.223456789Z","last_packet":260},"server":{"messages":1,"frames":1,"bytes":2048,"wire_bytes":2054,"pings":0,"pongs":0,"stream_bytes":2054,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.323456789Z","last_packet":261},"tcp":{"client":{"rtt":{"handshake":null,"samples":0},"retransmissions":0,"retransmitted_bytes":0,"late_bytes":0,"longest_wait":0,"zero_windows":2,"zero_window_time":0.1},"server":{"rtt":{"handshake":null,"samples":0},"retransmissions":0,"retransmitted_bytes":0,"late_bytes":0,"longest_wait":0,"zero_windows":0}},"lost_bytes":0,"unexplained_bytes":0}
        """#),
    PrinterCase(
      "hostile text in the reason of a refusal",
      Sample.closed(
        handshake: Sample.handshake(Sample.request, ["HTTP/1.1 403 \u{1B}[31mNo\u{202E}\u{7}"])),
      text: #"  #1 upgrade rejected with 403 \x1b[31mNo\u{202e}\x07"#,
      json: #"""
        {"event":"session_close","session":1,"time":"2026-11-20T09:13:03.248456789Z","packet":273,"duration":60.123,"closed_by":"client","how":"fin","code":null,"verdict":"upgrade rejected with 403 \u001b[31mNo\#u{202e}\u0007","evidence":["packet 6: HTTP status 403","FIN from both sides, first from the client; the second in packet 273"],"cause":null,"client":{"messages":3,"frames":3,"bytes":300,"wire_bytes":318,"pings":0,"pongs":0,"stream_bytes":318,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.223456789Z","last_packet":260},"server":{"messages":1,"frames":1,"bytes":2048,"wire_bytes":2054,"pings":0,"pongs":0,"stream_bytes":2054,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.323456789Z","last_packet":261},"lost_bytes":0,"unexplained_bytes":0}
        """#),
    PrinterCase(
      "hostile text in the reason of a Close",
      Sample.closed(.fin, by: .server) {
        $0.clientClose = Sample.closeFrame(.client, 4001, "\u{1B}[31m\u{202E}\n", packet: 270)
      },
      text: #"""
          #1 closed by the client with 4001; the server never answered before TCP was closed by the server; the session lasted 60.1 s, 3 ▶ 1 ◀ messages
             reason in the Close: "\x1b[31m\u{202e}\n"
             packet 270: Close 4001 "\x1b[31m\u{202e}\n" from the client
             FIN from both sides, first from the server; the second in packet 273
        """#,
      json: #"""
        {"event":"session_close","session":1,"time":"2026-11-20T09:13:03.248456789Z","packet":273,"duration":60.123,"closed_by":"client","how":"close_unanswered","code":4001,"verdict":"closed by the client with 4001; the server never answered before TCP was closed by the server, reason in the Close: \"\u001b[31m\#u{202e}\n\"","evidence":["packet 270: Close 4001 \"\u001b[31m\#u{202e}\n\" from the client","FIN from both sides, first from the server; the second in packet 273"],"cause":"close_reason","idle":59.8,"client":{"messages":3,"frames":3,"bytes":300,"wire_bytes":318,"pings":0,"pongs":0,"stream_bytes":318,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.223456789Z","last_packet":260},"server":{"messages":1,"frames":1,"bytes":2048,"wire_bytes":2054,"pings":0,"pongs":0,"stream_bytes":2054,"lost_bytes":0,"unexplained_bytes":0,"last_time":"2026-11-20T09:12:03.323456789Z","last_packet":261},"lost_bytes":0,"unexplained_bytes":0}
        """#),
  ]

  private static func leg(
    _ basis: LegComparison.Basis, isFront: Bool = true, isFinal: Bool,
    toServer: Distribution = Distribution(),
    differences: [LegDifference] = [], differenceCount: UInt64 = 0, notCompared: UInt64 = 0, lost: UInt64 = 0
  ) -> LegComparison {
    LegComparison(
      of: 2, isFront: isFront, basis: basis, isFinal: isFinal, matched: 20, notCompared: notCompared,
      differenceCount: differenceCount, differences: differences, lostBytes: lost, toServer: toServer,
      toClient: Distribution())
  }
}
