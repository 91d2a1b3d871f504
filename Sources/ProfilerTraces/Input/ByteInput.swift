import StreamCompression
import SystemPackage

/// The bytes of a trace, unpacked if the file is packed, in pieces of the caller's choosing.
///
/// Packed bytes are in raw memory, which the decoders' C libraries read.
final class ByteInput {
    /// The packing of the file with its decoder.
    private enum Packing {
        case none
        case gzip(GzipDecoder)
        case zstandard(ZstandardDecoder)
    }

    let path: String
    /// The format of the file itself.
    let format: TraceFormat
    /// Whether a packed file ends before its own end mark.
    private(set) var isTruncated = false

    private let descriptor: FileDescriptor
    private let packing: Packing
    private let limits: TraceReadLimits
    private let packed: UnsafeMutablePointer<UInt8>
    private static let packedCapacity = 1 << 18
    private var packedStart = 0
    private var packedEnd = 0
    private var packedTotal: Int64 = 0
    private var unpackedTotal: Int64 = 0
    private var reachedEnd = false

    /// Opens a file and reads its first bytes.
    init(path: String, limits: TraceReadLimits) throws(TraceReadError) {
        let descriptor = try Self.opened(path)
        let packed = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.packedCapacity)
        do throws(TraceReadError) {
            packedEnd = try Self.readFirst(descriptor, into: packed, path: path)
            format = try Self.format(UnsafeBufferPointer(start: packed, count: packedEnd), path: path)
        } catch {
            packed.deallocate()
            try? descriptor.close()
            throw error
        }
        switch format {
        case .gzip: packing = .gzip(GzipDecoder())
        case .zstandard: packing = .zstandard(ZstandardDecoder())
        case .json, .sqlite: packing = .none
        }
        self.path = path
        self.limits = limits
        self.descriptor = descriptor
        self.packed = packed
        packedTotal = Int64(packedEnd)
    }

    deinit {
        packed.deallocate()
        try? descriptor.close()
    }

    private static func opened(_ path: String) throws(TraceReadError) -> FileDescriptor {
        do {
            return try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        } catch {
            throw TraceReadError(path: path, reason: "cannot be read: \(error)")
        }
    }

    /// Reads until the format can be told or the file ends.
    private static func readFirst(
        _ descriptor: FileDescriptor, into base: UnsafeMutablePointer<UInt8>, path: String
    ) throws(TraceReadError) -> Int {
        var count = 0
        while count < 64 {
            let got = try read(descriptor, base + count, packedCapacity - count, path: path)
            if got == 0 { break }
            count += got
        }
        return count
    }

    private static func format(
        _ bytes: UnsafeBufferPointer<UInt8>, path: String
    ) throws(TraceReadError) -> TraceFormat {
        if let format = TraceFormat(firstBytes: bytes) { return format }
        throw TraceReadError(
            path: path,
            reason: bytes.isEmpty
                ? "is empty: give a trace as JSON, gzip, zstd or Nsight's SQLite"
                : "is not a trace: it begins neither as JSON nor as gzip, zstd or Nsight's SQLite")
    }

    private static func read(
        _ descriptor: FileDescriptor, _ base: UnsafeMutablePointer<UInt8>, _ count: Int, path: String
    ) throws(TraceReadError) -> Int {
        do {
            return try descriptor.read(into: UnsafeMutableRawBufferPointer(start: base, count: count))
        } catch {
            throw TraceReadError(path: path, reason: "cannot be read: \(error)")
        }
    }

    /// Fills the front of `buffer` and returns how many bytes are there; 0 only at the end.
    func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(TraceReadError) -> Int {
        guard let base = buffer.baseAddress, buffer.count > 0 else { return 0 }
        if case .none = packing { return try readPlain(base, buffer.count) }
        while true {
            if packedStart == packedEnd && !reachedEnd {
                packedEnd = try Self.read(descriptor, packed, Self.packedCapacity, path: path)
                packedStart = 0
                packedTotal += Int64(packedEnd)
                reachedEnd = packedEnd == 0
            }
            let input = UnsafeMutableBufferPointer(start: packed + packedStart, count: packedEnd - packedStart)
            let outcome: DecoderStep
            switch packing {
            case .gzip(let decoder): outcome = decoder.step(input, buffer)
            case .zstandard(let decoder): outcome = decoder.step(input, buffer)
            case .none: return 0
            }
            switch outcome {
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
            case .finished:
                return 0
            case .corrupt(let reason):
                throw TraceReadError(
                    path: path, reason: "is damaged near byte \(packedTotal) of the packed file: \(reason)")
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
        return try Self.read(descriptor, base, count, path: path)
    }

    private func checkLimits() throws(TraceReadError) {
        if unpackedTotal > limits.unpackedBytes {
            throw TraceReadError(
                path: path,
                reason:
                    "unpacks to more than \(limits.unpackedBytes) bytes: raise the limit (--unpack-limit) if that is meant"
            )
        }
        if unpackedTotal > 64 << 20, unpackedTotal / max(1, packedTotal) > limits.unpackedRatio {
            throw TraceReadError(
                path: path,
                reason:
                    "unpacks to more than \(limits.unpackedRatio) times its size: raise the limit (--unpack-ratio) if that is meant"
            )
        }
    }
}
