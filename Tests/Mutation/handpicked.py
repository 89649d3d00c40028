"""Changes that patterns would hardly make: facts taken from the wrong side, limits and thresholds, verdicts.

Each is an expression as the sources have it, found by its text once in all of Sources, and another one of the same type.
One that is not found any more, or more than once, is named when the script begins: give it the new text, or leave it out.
"""

HANDPICKED = [
    # Options and their effects.
    ("options.hidesSecrets = !showSecrets", None),
    ("options.payloadBytes ?? 16 << 20", "16 << 20"),
    ("options.inflates = !noInflate", None),
    ("(display.frames, display.payloadBytes, display.transport) = (frames, maxPayload?.bytes, tcp)", None),
    ("options.reassembly.pendingInAll = maxWaitingInAll.bytes", None),
    ("options.midstreamBytes = maxPickUp.bytes", None),
    ("Int64(idleTimeout * 1e9)", "Int64(idleTimeout * 2e9)"),
    ("readFile.map { [$0] } ?? files", "files"),
    # Redaction on its way into the outputs.
    ("hidesSecrets ? secrets : Secrets()", "Secrets()"),
    ("hidden.isEmpty ? value : hidden.redacted(header: name, value: value)", "value"),
    ("hidden.isEmpty ? subprotocols : subprotocols.map { hidden.redacted(subprotocol: $0) }", "subprotocols"),
    ("hidden.isEmpty ? handshake.anomalies : handshake.anomalies.hiding(hidden)", "handshake.anomalies"),
    ("isEmpty ? target : Self.redacted(url: target, isCut: request?.isCutInStartLine ?? false)", "target"),
    ("SecretURL.parts(of: target, isCut: head.isCutInStartLine)", "SecretURL.parts(of: target)"),
    ("sessions.hidesSecrets ? Secrets.redacted(line: name.utf8.span) : name", "name"),
    ("hidesSecrets ? Secrets.redacted(line: line.span) : String(decoding: line, as: UTF8.self)",
     "String(decoding: line, as: UTF8.self)"),
    ("isCut && next == url.count && TokenShape.mayBegin(segment)", "false"),
    # Members that are hidden in payloads, and what repeats them.
    ("options.redactedMembers = MemberNames(redactedNames)", None),
    ("message.inflated, message.opcode != .continuation", "message.inflated"),
    ("min(count, Int(clamping: first))", "count"),
    ("redactor != nil || isClose && repeatsSecret(payload, in: session)", "redactor != nil"),
    ("shown == reason ? nil : shown", "nil"),
    ("found == depth, !isStrict || mayGoOn(in: text, after: place, depth)", "found == depth"),
    ("max(start, place - quote.range.count)..<place", "start..<place"),
    ("(handshake?.url()).map { hidden.redacted(target: $0) }", "handshake?.url()"),
    # Sums.
    ("lostBytes &+= other.lostBytes", None),
    ("unexplainedBytes &+= other.unexplainedBytes", None),
    ("wireBytes &+= other.wireBytes", None),
    ("pongs &+= other.pongs", None),
    ("server.add(session.server)", None),
    ('(event.client.lostBytes &+ event.server.lostBytes, "not in the capture")',
     '(event.client.lostBytes, "not in the capture")'),
    # TCP.
    ("firstFin ?? .fromInitiator", "FlowDirection.fromInitiator"),
    ("proof.segments > segments", "proof.segments >= segments"),
    ("pending.firstOffset ?? finOffset", "pending.firstOffset"),
    ("distance == -1 && length == 1", "distance == -1 && length <= 2"),
    # Framing, messages, compression.
    ("compression.isAllowed && !header.isControl", "compression.isAllowed"),
    ("header.fin && header.payloadBytes <= 125", "header.fin && header.payloadBytes <= 126"),
    ("isTooFar && hadLostContext ? .contextLost : .inflationFailed", ".inflationFailed"),
    ("cold.state.rules.count(rule) <= RuleCounts.reportLimit", "cold.state.rules.count(rule) < RuleCounts.reportLimit"),
    ("1 << Int(compression.windowBits)", "2 << Int(compression.windowBits)"),
    ("repeats == 2 ? .constantMaskingKey : nil", "repeats == 1 ? .constantMaskingKey : nil"),
    ("failure == nil && hasWrongTail", "false"),
    # Sessions: heartbeats, reconnects, legs, verdicts.
    ("!isSockJS || side == .client", "!isSockJS"),
    ("target.count - 10", "target.count - 9"),
    ("run >= Self.stormCount", "run > Self.stormCount"),
    ("nanoseconds(since: $0.end) > Self.longestDelay", "nanoseconds(since: $0.end) > Self.longestDelay / 2"),
    ("before.client.address == trace.client.address", "before.client.address != trace.client.address"),
    ("counts.lostBytes == 0 && counts.unexplainedBytes == 0", "counts.lostBytes == 0"),
    ("peer == .client ? finish.client : finish.server", "peer == .server ? finish.client : finish.server"),
]
