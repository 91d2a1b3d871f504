import Foundation
import StreamCompression
import TestSupport
import Testing

@Suite("gzip") struct GzipTests {
    private func encoded(_ bytes: [UInt8]) -> [UInt8] { [UInt8](GzipEncoder.encode(Data(bytes))) }

    /// The last eight bytes of a member: the checksum and the length of its content.
    private static let trailerSize = 8

    @Test("Content of every size decodes to itself", arguments: Content.allCases, contentSizes)
    func roundTrip(content: Content, size: Int) {
        let bytes = content.bytes(size)
        let file = encoded(bytes)
        let read = DecodedFile(file, by: GzipDecoder())
        #expect(read.ending == .complete && read.bytes == bytes)
        if content != .random && size > 100 { #expect(file.count < size / 10) }
    }

    @Test("Input and output may come in parts of any size", arguments: Content.allCases, stepSizes)
    func steps(content: Content, sizes: (input: Int, output: Int)) {
        let bytes = content.bytes(5000)
        let file = encoded(bytes)
        let read = DecodedFile(file, by: GzipDecoder(), inputSize: sizes.input, outputSize: sizes.output)
        #expect(read.ending == .complete && read.bytes == bytes)
    }

    @Test("A member that fills the encoder's last buffer exactly is complete")
    func membersThatEndAtABufferBorder() {
        let border = 65_536
        var borderCount = 0
        for seed: UInt64 in 1...8 {
            let bytes = Content.random.bytes(border, seed: seed)
            // Random content never gets smaller, so the size at the border lies in this range.
            var sizes = 0..<border
            while sizes.count > 1 {
                let middle = (sizes.lowerBound + sizes.upperBound) / 2
                let isBelow = encoded(Array(bytes.prefix(middle))).count < border
                sizes = isBelow ? middle..<sizes.upperBound : sizes.lowerBound..<middle
            }
            for size in sizes.lowerBound - 2...sizes.upperBound + 2 {
                let content = Array(bytes.prefix(size))
                let file = encoded(content)
                if file.count == border { borderCount += 1 }
                let read = DecodedFile(file, by: GzipDecoder())
                #expect(read.ending == .complete && read.bytes == content, "\(size)")
            }
        }
        #expect(borderCount > 0)
    }

    @Test("Several members decode to their contents in order, empty ones included", arguments: stepSizes)
    func members(sizes: (input: Int, output: Int)) {
        let contents = [Content.random.bytes(300), [], Content.repetitive.bytes(4096), [9], []]
        let file = contents.flatMap(encoded)
        let read = DecodedFile(file, by: GzipDecoder(), inputSize: sizes.input, outputSize: sizes.output)
        #expect(read.ending == .complete && read.bytes == contents.flatMap { $0 })
    }

    @Test("The optional fields of a header are skipped, whatever parts they come in", arguments: stepSizes)
    func headerFields(sizes: (input: Int, output: Int)) {
        let content = Content.repetitive.bytes(1000)
        let file = encoded(content)
        let extra: [UInt8] = [6, 0] + Array("BC".utf8) + [2, 0, 7, 0]
        let name = Array("trace.json".utf8) + [0]
        let comment = Array("a comment".utf8) + [0]
        let fields: [(flag: UInt8, bytes: [UInt8])] = [(4, extra), (8, name), (16, comment)]
        for present in 0..<1 << fields.count {
            let chosen = fields.indices.filter { present >> $0 & 1 == 1 }.map { fields[$0] }
            var member = Array(file.prefix(10))
            member[3] = chosen.reduce(0) { $0 | $1.flag }
            member += chosen.flatMap(\.bytes) + file.dropFirst(10)
            let read = DecodedFile(
                member + member, by: GzipDecoder(), inputSize: sizes.input, outputSize: sizes.output)
            #expect(read.ending == .complete && read.bytes == content + content, "flags \(member[3])")
        }
    }

    @Test(
        "Bytes after the last member are ignored", arguments: [[0, 0, 0], [UInt8](repeating: 0, count: 512), [1, 2]])
    func trailingBytes(bytes: [UInt8]) {
        let content = Content.repetitive.bytes(1000)
        let read = DecodedFile(encoded(content) + bytes, by: GzipDecoder())
        #expect(read.ending == .complete && read.bytes == content)
    }

    @Test("A file that is cut anywhere is truncated", arguments: [(1 << 16, 1 << 16), (1, 1)])
    func cutFiles(sizes: (input: Int, output: Int)) {
        let content = Content.random.bytes(40) + Content.repetitive.bytes(400)
        let file = encoded(content)
        for count in 1..<file.count {
            let cut = Array(file.prefix(count))
            let read = DecodedFile(cut, by: GzipDecoder(), inputSize: sizes.input, outputSize: sizes.output)
            #expect(read.ending == .truncated && content.starts(with: read.bytes), "\(count) of \(file.count) bytes")
        }
    }

    @Test("A file that is cut in its second member is truncated, and complete if it is cut before")
    func filesCutInTheSecondMember() {
        let (first, second) = (encoded([1, 2, 3]), encoded([4, 5, 6]))
        for count in 0...second.count {
            let read = DecodedFile(first + second.prefix(count), by: GzipDecoder())
            #expect(read.ending == (count == 0 || count == second.count ? .complete : .truncated), "\(count)")
            #expect(read.bytes.starts(with: [1, 2, 3]))
        }
    }

    @Test("Damage to any bit is reported, or leaves the content intact")
    func damagedBits() {
        let content = Content.random.bytes(40) + Content.repetitive.bytes(400)
        let file = encoded(content)
        var corruptCount = 0
        for index in file.indices {
            for bit in 0..<8 {
                var damaged = file
                damaged[index] ^= 1 << bit
                let read = DecodedFile(damaged, by: GzipDecoder())
                switch read.ending {
                case .complete: #expect(read.bytes == content, "bit \(bit) of byte \(index)")
                case .truncated: break
                case .corrupt: corruptCount += 1
                }
            }
        }
        #expect(corruptCount > 0)
    }

    @Test("A wrong checksum or length in the trailer is reported")
    func damagedTrailers() {
        let content = Content.repetitive.bytes(70_000)
        let file = encoded(content)
        for index in file.indices.suffix(Self.trailerSize) {
            var damaged = file
            damaged[index] ^= 0x10
            let read = DecodedFile(damaged, by: GzipDecoder())
            #expect(read.ending == .corrupt("its checksum does not match"), "byte \(index)")
        }
    }

    @Test("Bytes that do not begin as gzip are not valid gzip")
    func otherFiles() {
        for file in [Array("{\"traceEvents\": []}".utf8), [0x1F, 0x8C] + [UInt8](repeating: 0, count: 30)] {
            #expect(DecodedFile(file, by: GzipDecoder()) == DecodedFile([], .corrupt("not valid gzip")))
        }
    }

    @Test(
        "The gzip program reads what the encoder writes", .enabled(if: Program("gzip") != nil),
        arguments: Content.allCases, contentSizes)
    func programReads(content: Content, size: Int) throws {
        let gzip = try #require(Program("gzip"))
        let bytes = content.bytes(size)
        let result = try withTemporaryFile(encoded(bytes)) { try gzip.run(["-dc"], file: $0) }
        #expect(result.status == 0 && result.output == bytes)
    }

    @Test(
        "The decoder reads what the gzip program writes", .enabled(if: Program("gzip") != nil),
        arguments: Content.allCases, ["-1", "-6", "-9"])
    func programWrites(content: Content, level: String) throws {
        let gzip = try #require(Program("gzip"))
        for size in contentSizes {
            let bytes = content.bytes(size)
            let result = try withTemporaryFile(bytes) { try gzip.run([level, "-c"], file: $0) }
            try #require(result.status == 0)
            let read = DecodedFile(result.output, by: GzipDecoder())
            #expect(read.ending == .complete && read.bytes == bytes, "\(size)")
        }
    }
}
