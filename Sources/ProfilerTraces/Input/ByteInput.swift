import StreamCompression
import SystemPackage

/// The bytes of a trace, decompressed if the file is compressed, in pieces of the size that the caller chooses.
///
/// Compressed bytes are in raw memory, since the decoders' C libraries read them.
final class ByteInput {
    let path: String
    /// The format of the file on disk.
    private(set) var format = TraceFormat.json
    /// Whether a compressed file ends before its compressed stream does.
    private(set) var isTruncated = false

    private let descriptor: FileDescriptor
    /// The decoder of the file; nil if the file is not compressed.
    private var decoder: (any StreamDecoder)?
    private let limits: TraceReadLimits
    private let packed = UnsafeMutablePointer<UInt8>.allocate(capacity: packedCapacity)
    private static let packedCapacity = 1 << 18
    private var packedStart = 0
    private var packedEnd = 0
    private var packedTotal: Int64 = 0
    private var unpackedTotal: Int64 = 0
    private var reachedEnd = false

    /// Opens a file and reads its first bytes: at least 64, or the whole file if it is shorter.
    ///
    /// - Throws: ``TraceReadError`` if the file cannot be read, is empty or has no known format.
    init(path: String, limits: TraceReadLimits) throws(TraceReadError) {
        self.path = path
        self.limits = limits
        do {
            descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        } catch {
            throw TraceReadError(path: path, reason: "cannot be read: \(error)")
        }
        var got = 1
        while packedEnd < 64, got > 0 {
            got = try read(packed + packedEnd, Self.packedCapacity - packedEnd)
            packedEnd += got
        }
        packedTotal = Int64(packedEnd)
        guard let format = TraceFormat(firstBytes: UnsafeBufferPointer(start: packed, count: packedEnd)) else {
            throw TraceReadError(
                path: path,
                reason: packedEnd == 0
                    ? "is empty: give a trace as JSON, gzip, zstd or Nsight's SQLite"
                    : "is not a trace: it looks like "
                        + ForeignFile.description(
                            path: path, firstBytes: UnsafeBufferPointer(start: packed, count: min(packedEnd, 256))))
        }
        self.format = format
        if format == .gzip { decoder = GzipDecoder() }
        if format == .zstandard { decoder = ZstandardDecoder() }
    }

    deinit {
        packed.deallocate()
        try? descriptor.close()
    }

    private func read(_ base: UnsafeMutablePointer<UInt8>, _ count: Int) throws(TraceReadError) -> Int {
        do {
            return try descriptor.read(into: UnsafeMutableRawBufferPointer(start: base, count: count))
        } catch {
            throw TraceReadError(path: path, reason: "cannot be read: \(error)")
        }
    }

    /// Reads bytes to the front of `buffer` and returns their number, which is 0 only at the end of the file.
    ///
    /// - Throws: ``TraceReadError`` if the file cannot be read, is corrupt or decompresses to more than the limits.
    func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(TraceReadError) -> Int {
        guard let base = buffer.baseAddress, buffer.count > 0 else { return 0 }
        guard let decoder else { return try readPlain(base, buffer.count) }
        while true {
            if packedStart == packedEnd && !reachedEnd {
                packedEnd = try read(packed, Self.packedCapacity)
                packedStart = 0
                packedTotal += Int64(packedEnd)
                reachedEnd = packedEnd == 0
            }
            let input = UnsafeMutableBufferPointer(start: packed + packedStart, count: packedEnd - packedStart)
            switch decoder.step(input, buffer) {
            case .moved(let consumed, let produced):
                packedStart += consumed
                if produced > 0 {
                    unpackedTotal += Int64(produced)
                    try checkLimits()
                    return produced
                }
                if consumed == 0 && reachedEnd {
                    isTruncated = true
                    return 0
                }
            case .finished: return 0
            case .corrupt(let reason):
                throw TraceReadError(
                    path: path, reason: "is corrupt near byte \(packedTotal) of the compressed file: \(reason)")
            }
        }
    }

    private func readPlain(_ base: UnsafeMutablePointer<UInt8>, _ count: Int) throws(TraceReadError) -> Int {
        if packedStart < packedEnd {
            let taken = min(count, packedEnd - packedStart)
            base.update(from: packed + packedStart, count: taken)
            packedStart += taken
            return taken
        }
        return try read(base, count)
    }

    private func checkLimits() throws(TraceReadError) {
        if unpackedTotal > limits.unpackedBytes {
            throw tooLarge("\(limits.unpackedBytes) bytes", option: "--unpack-limit")
        }
        if unpackedTotal > 64 << 20, unpackedTotal / max(1, packedTotal) > limits.unpackedRatio {
            throw tooLarge("\(limits.unpackedRatio) times its size", option: "--unpack-ratio")
        }
    }

    private func tooLarge(_ limit: String, option: String) -> TraceReadError {
        TraceReadError(
            path: path, reason: "unpacks to more than \(limit): raise the limit (\(option)) if that is intended")
    }
}
