import StreamCompression
import TestSupport

/// The result of decoding a whole file in parts.
struct DecodedFile: Equatable {
    enum Ending: Equatable {
        case complete
        /// The file ended within a member or frame.
        case truncated
        case corrupt(String)
    }

    private(set) var bytes: [UInt8] = []
    private(set) var ending = Ending.truncated

    init(_ bytes: [UInt8], _ ending: Ending) {
        self.bytes = bytes
        self.ending = ending
    }

    /// Decodes `file` with at most `inputSize` bytes of input and room for `outputSize` bytes of output per step.
    init(_ file: [UInt8], by decoder: some StreamDecoder, inputSize: Int = 1 << 16, outputSize: Int = 1 << 16) {
        let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: file.count)
        let output = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: outputSize)
        defer {
            input.deallocate()
            output.deallocate()
        }
        _ = input.initialize(fromContentsOf: file)
        output.initialize(repeating: 0)
        var position = 0
        while true {
            let part = UnsafeMutableBufferPointer(rebasing: input[position..<min(position + inputSize, file.count)])
            switch decoder.step(part, output) {
            case .moved(let consumed, let produced):
                position += consumed
                bytes += output.prefix(produced)
                if consumed == 0 && produced == 0 && position == file.count { return }
            case .finished:
                ending = .complete
                return
            case .corrupt(let reason):
                ending = .corrupt(reason)
                return
            }
        }
    }
}

/// Contents that compress differently.
enum Content: CaseIterable {
    case random
    case repetitive
    case oneByte

    func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var generator = SeededGenerator(seed)
        return switch self {
        case .random: (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        case .repetitive: (0..<count).map { UInt8(truncatingIfNeeded: $0 % 251 * ($0 / 4096 % 3 + 1)) }
        case .oneByte: [UInt8](repeating: 7, count: count)
        }
    }
}

/// Sizes of 0 and 1, and around the borders of the buffers of 64 KiB that encoder and tests use.
let contentSizes = [0, 1, 2, 100, 65_535, 65_536, 65_537, 131_072, 200_000]

/// Sizes of input and output per step, from single bytes to more than a file.
let stepSizes = [(1, 1), (1, 65_536), (65_536, 1), (7, 13), (4096, 65_536), (1 << 20, 1 << 20)]
