#!/bin/bash
# Writes frames.tsv of every story: the WebSocket frames that tshark finds in capture.pcap, one line a frame.
# The tests compare wstap with them; they do not need tshark themselves.
# Debian package: tshark (4.0.17 made the files here).
#
# Columns: packet that completes the frame, tcp.stream, port of the sender, FIN, opcode, MASK, payload length.
set -euo pipefail
cd "$(dirname "$0")"

for capture in */capture.pcap; do
    # tshark knows a few ports of HTTP; the stories use others: every port that a SYN went to.
    decode=()
    for port in $(tshark -r "$capture" -Y 'tcp.flags.syn == 1 && tcp.flags.ack == 0' -T fields -e tcp.dstport |
        sort -nu); do
        decode+=(-d "tcp.port==$port,http")
    done
    tshark -r "$capture" -o tcp.reassemble_out_of_order:TRUE "${decode[@]}" -Y websocket -T fields \
        -e frame.number -e tcp.stream -e tcp.srcport \
        -e websocket.fin -e websocket.opcode -e websocket.mask \
        -e websocket.payload_length -e websocket.payload_length_ext_16 -e websocket.payload_length_ext_64 |
        # Several frames in one packet share a line, their values separated by commas. A length of 126 or 127
        # announces that the true one is the next of the extended lengths.
        awk -F '\t' -v OFS='\t' '
            function flag(text) { return text == "1" || text == "True" ? 1 : 0 }
            {
                split($4, fin, ","); frames = split($5, opcode, ","); split($6, mask, ",")
                split($7, length7, ","); split($8, length16, ","); split($9, length64, ",")
                short = long = 0
                for (i = 1; i <= frames; i++) {
                    bytes = length7[i]
                    if (bytes == 126) bytes = length16[++short]
                    else if (bytes == 127) bytes = length64[++long]
                    print $1, $2, $3, flag(fin[i]), opcode[i], flag(mask[i]), bytes
                }
            }' >"$(dirname "$capture")/frames.tsv"
done
