import ProfilerTraces
import Testing

@Suite struct TraceFormatTests {
    @Test("The first bytes of a file tell its format") func formatsByFirstBytes() {
        #expect(TraceFormat(firstBytes: [0x1F, 0x8B, 8]) == .gzip)
        #expect(TraceFormat(firstBytes: [0x28, 0xB5, 0x2F, 0xFD]) == .zstandard)
        #expect(TraceFormat(firstBytes: Array("SQLite format 3\0".utf8)) == .sqlite)
        #expect(TraceFormat(firstBytes: Array(" \n{\"traceEvents\"".utf8)) == .json)
        #expect(TraceFormat(firstBytes: [0xEF, 0xBB, 0xBF] + Array("[{".utf8)) == .json)
        #expect(TraceFormat(firstBytes: Array("rank,time".utf8)) == nil)
        #expect(TraceFormat(firstBytes: []) == nil)
    }
}
