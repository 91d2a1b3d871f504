import CZstd
import StreamCompression
import TestSupport
import Testing

@Suite("Zstandard") struct ZstandardTests {
    /// Returns one frame that holds `bytes` and ends with a checksum.
    private func encoded(_ bytes: [UInt8], level: Int32 = 3) throws -> [UInt8] {
        let context = try #require(ZSTD_createCCtx())
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        var file = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let count = ZSTD_compress2(context, &file, file.count, bytes, bytes.count)
        try #require(ZSTD_isError(count) == 0)
        return Array(file.prefix(count))
    }

    /// The last four bytes of a frame: the checksum of its content.
    private static let trailerSize = 4

    @Test("Content of every size decodes to itself", arguments: Content.allCases, contentSizes)
    func roundTrip(content: Content, size: Int) throws {
        let bytes = content.bytes(size)
        for level: Int32 in [1, 19] {
            let read = DecodedFile(try encoded(bytes, level: level), by: ZstandardDecoder())
            #expect(read.ending == .complete && read.bytes == bytes, "level \(level)")
        }
    }

    @Test("Input and output may come in parts of any size", arguments: Content.allCases, stepSizes)
    func steps(content: Content, sizes: (input: Int, output: Int)) throws {
        let bytes = content.bytes(5000)
        let file = try encoded(bytes)
        let read = DecodedFile(file, by: ZstandardDecoder(), inputSize: sizes.input, outputSize: sizes.output)
        #expect(read.ending == .complete && read.bytes == bytes)
    }

    @Test("Several frames decode to their contents in order, empty and skippable ones included", arguments: stepSizes)
    func frames(sizes: (input: Int, output: Int)) throws {
        let contents = [Content.random.bytes(300), [], Content.repetitive.bytes(4096), [9], []]
        let skippable: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]
        let file = try contents.flatMap { try encoded($0) + skippable }
        let read = DecodedFile(file, by: ZstandardDecoder(), inputSize: sizes.input, outputSize: sizes.output)
        #expect(read.ending == .complete && read.bytes == contents.flatMap { $0 })
    }

    @Test("A file that is cut anywhere is truncated", arguments: [(1 << 16, 1 << 16), (1, 1)])
    func cutFiles(sizes: (input: Int, output: Int)) throws {
        let content = Content.random.bytes(40) + Content.repetitive.bytes(400)
        let file = try encoded(content)
        for count in 1..<file.count {
            let cut = Array(file.prefix(count))
            let read = DecodedFile(cut, by: ZstandardDecoder(), inputSize: sizes.input, outputSize: sizes.output)
            #expect(read.ending == .truncated && content.starts(with: read.bytes), "\(count) of \(file.count) bytes")
        }
    }

    @Test("A file that is cut in its second frame is truncated, and complete if it is cut before")
    func filesCutInTheSecondFrame() throws {
        let (first, second) = (try encoded([1, 2, 3]), try encoded([4, 5, 6]))
        for count in 0...second.count {
            let read = DecodedFile(first + second.prefix(count), by: ZstandardDecoder())
            #expect(read.ending == (count == 0 || count == second.count ? .complete : .truncated), "\(count)")
            #expect(read.bytes.starts(with: [1, 2, 3]))
        }
    }

    @Test("Damage to any bit is reported, or leaves the content intact")
    func damagedBits() throws {
        let content = Content.random.bytes(40) + Content.repetitive.bytes(400)
        let file = try encoded(content)
        var corruptCount = 0
        for index in file.indices {
            for bit in 0..<8 {
                var damaged = file
                damaged[index] ^= 1 << bit
                let read = DecodedFile(damaged, by: ZstandardDecoder())
                switch read.ending {
                case .complete: #expect(read.bytes == content, "bit \(bit) of byte \(index)")
                case .truncated: break
                case .corrupt: corruptCount += 1
                }
            }
        }
        #expect(corruptCount > 0)
    }

    @Test("A wrong checksum in the trailer is reported")
    func damagedTrailers() throws {
        let file = try encoded(Content.repetitive.bytes(70_000))
        for index in file.indices.suffix(Self.trailerSize) {
            var damaged = file
            damaged[index] ^= 0x10
            let read = DecodedFile(damaged, by: ZstandardDecoder())
            #expect(read.ending == .corrupt("Restored data doesn't match checksum"), "byte \(index)")
        }
    }

    @Test("Bytes after the last frame are reported")
    func trailingBytes() throws {
        let read = DecodedFile(try encoded([1, 2, 3]) + [1, 2, 3, 4], by: ZstandardDecoder())
        #expect(read == DecodedFile([1, 2, 3], .corrupt("Unknown frame descriptor")))
    }

    /// A frame of one raw block with one byte, and a window of 2 to the power of `windowLog` bytes.
    private func frame(windowLog: UInt8) -> [UInt8] {
        [0x28, 0xB5, 0x2F, 0xFD, 0, (windowLog - 10) << 3, 0x09, 0, 0, UInt8(ascii: "x")]
    }

    @Test("A frame may ask for 128 MiB of memory and no more")
    func windows() {
        let read = DecodedFile(frame(windowLog: 27), by: ZstandardDecoder())
        #expect(read == DecodedFile([UInt8(ascii: "x")], .complete))
        let refused = DecodedFile(frame(windowLog: 28), by: ZstandardDecoder())
        #expect(refused == DecodedFile([], .corrupt("Frame requires too much memory for decoding")))
    }

    @Test(
        "The decoder reads what the zstd program writes", .enabled(if: Program("zstd") != nil),
        arguments: Content.allCases, ["-1", "-19", "--no-check"])
    func programWrites(content: Content, option: String) throws {
        let zstd = try #require(Program("zstd"))
        for size in contentSizes {
            let bytes = content.bytes(size)
            let result = try withTemporaryFile(bytes) { try zstd.run([option, "-q", "-c"], file: $0) }
            try #require(result.status == 0)
            let read = DecodedFile(result.output, by: ZstandardDecoder())
            #expect(read.ending == .complete && read.bytes == bytes, "\(size)")
        }
    }
}
