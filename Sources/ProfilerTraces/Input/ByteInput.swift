import StreamCompression

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The bytes of a trace, unpacked where the file is packed, in pieces of the caller's choosing.
final class ByteInput {
    /// What stands between the file and the caller.
    private enum Packing {
        case none
        case gzip(GzipDecoder)
        case zstandard(ZstandardDecoder)
    }

    let path: String
    /// The format of the file itself.
    let format: TraceFormat
    /// Whether a packed file ends before its own end mark.
    private(set) var isCut = false

    private let descriptor: Int32
    private let packing: Packing
    private let limits: TraceReadLimits
    private let packed: UnsafeMutablePointer<UInt8>
    private static let packedCapacity = 1 << 18
    private var packedStart = 0
    private var packedEnd = 0
    private var packedTotal: Int64 = 0
    private var unpackedTotal: Int64 = 0
    private var reachedEnd = false

    /// Opens a file and looks at its first bytes.
    init(path: String, limits: TraceReadLimits) throws(TraceReadError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw TraceReadError(path: path, reason: "cannot be read: \(systemReason())")
        }
        let packed = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.packedCapacity)
        var count = 0
        while count < 64 {
            let got = systemRead(descriptor, packed + count, Self.packedCapacity - count)
            if got < 0, errno == EINTR { continue }
            if got < 0 {
                let reason = systemReason()
                packed.deallocate()
                close(descriptor)
                throw TraceReadError(path: path, reason: "cannot be read: \(reason)")
            }
            if got == 0 { break }
            count += got
        }
        guard let format = TraceFormat(firstBytes: UnsafeBufferPointer(start: packed, count: count)) else {
            packed.deallocate()
            close(descriptor)
            throw TraceReadError(
                path: path,
                reason: count == 0
                    ? "is empty: give a trace as JSON, gzip, zstd or Nsight's SQLite"
                    : "is not a trace: it begins neither as JSON nor as gzip, zstd or Nsight's SQLite")
        }
        switch format {
        case .gzip: packing = .gzip(GzipDecoder())
        case .zstandard: packing = .zstandard(ZstandardDecoder())
        case .json, .sqlite: packing = .none
        }
        self.path = path
        self.format = format
        self.limits = limits
        self.descriptor = descriptor
        self.packed = packed
        packedEnd = count
        packedTotal = Int64(count)
    }

    deinit {
        packed.deallocate()
        close(descriptor)
    }

    /// Fills the front of `buffer` and returns how many bytes are there; 0 only at the end.
    func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(TraceReadError) -> Int {
        guard let base = buffer.baseAddress, buffer.count > 0 else { return 0 }
        if case .none = packing { return try readPlain(base, buffer.count) }
        while true {
            if packedStart == packedEnd && !reachedEnd {
                packedEnd = try readFile(packed, Self.packedCapacity)
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
                    isCut = true
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
        return try readFile(base, count)
    }

    private func readFile(_ base: UnsafeMutablePointer<UInt8>, _ count: Int) throws(TraceReadError) -> Int {
        while true {
            let got = systemRead(descriptor, base, count)
            if got >= 0 { return got }
            if errno != EINTR { throw TraceReadError(path: path, reason: "cannot be read: \(systemReason())") }
        }
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

/// The system's words for what just failed.
private func systemReason() -> String {
    String(cString: strerror(errno))
}

/// The system's `read`, which a method of the same name hides within a type.
private func systemRead(_ descriptor: Int32, _ base: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
    read(descriptor, base, count)
}
