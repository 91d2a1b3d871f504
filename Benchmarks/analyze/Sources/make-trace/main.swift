// make-trace OUT MEGABYTES            a seeded trace of that size make-trace OUT MEGABYTES TRACE      a plain JSON
// trace repeated to that size, each copy 131,000 us after the last
import Foundation

let arguments = CommandLine.arguments
guard arguments.count >= 3, let megabytes = Int(arguments[2]), megabytes > 0 else {
    print("usage: make-trace OUT MEGABYTES [TRACE]")
    exit(64)
}
var writer = try TraceWriter(arguments[1])
let wanted = megabytes * 1_000_000
var copies = 0

if arguments.count > 3 {
    let text = [UInt8](try Data(contentsOf: URL(filePath: arguments[3])))
    let opening = Array("\"traceEvents\": [".utf8)
    guard let begin = text.firstRange(of: opening), let end = text.lastIndex(of: UInt8(ascii: "]")) else {
        print("\(arguments[3]) has no \"traceEvents\": [")
        exit(1)
    }
    let events = text[begin.upperBound..<end]
    // The text between the times, which all copies share. A copy changes only the times.
    let key = Array("\"ts\": ".utf8)
    var pieces: [(text: ArraySlice<UInt8>, time: Int)] = []
    var rest = events
    while let found = rest.firstRange(of: key) {
        let digits = rest[found.upperBound...].prefix { $0 &- 48 < 10 }
        pieces.append((rest[..<found.upperBound], Int(String(decoding: digits, as: UTF8.self)) ?? 0))
        rest = rest[digits.endIndex...]
    }
    try writer.write(text[..<begin.upperBound])
    while writer.count < wanted {
        if copies > 0 { try writer.write([UInt8(ascii: ",")]) }
        for piece in pieces {
            try writer.write(piece.text)
            try writer.write(String(piece.time + 131_000 * copies).utf8)
        }
        try writer.write(rest)
        copies += 1
    }
    try writer.write(text[end...])
} else {
    var trace = SeededTrace(seed: 1)
    try writer.write(#"{"schemaVersion": 1, "distributedInfo": {"rank": 0, "world_size": 1}, "traceEvents": ["#.utf8)
    while writer.count < wanted {
        if copies > 0 { try writer.write(",\n".utf8) }
        try writer.write(trace.block(at: 4000 * copies).utf8)
        copies += 1
    }
    try writer.write("]}\n".utf8)
}
try writer.flush()
print(copies)
