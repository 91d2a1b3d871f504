import CLibTorch

/// Where tensors lie and are computed with.
///
/// Every thread has a current device, on which it makes its tensors; it begins with the CPU. A tensor that an operation
/// returns lies where the operation's own tensors do.
public enum Device: Hashable, Sendable, CustomStringConvertible {
    /// The processor, in the machine's memory.
    case cpu
    /// A CUDA device, counted from 0 among those that the process sees.
    case cuda(Int)

    /// As PyTorch writes it: `cpu`, `cuda:0`.
    public var description: String {
        switch self {
        case .cpu: "cpu"
        case .cuda(let index): "cuda:\(index)"
        }
    }

    /// Where the calling thread makes tensors.
    public static var current: Device { Device(number: ct_current_device()) }

    /// How many CUDA devices the process sees; 0 is no error.
    ///
    /// The first call loads libtorch's CUDA half, which the CPU does without.
    ///
    /// - Throws: ``LibTorchError`` where this libtorch has none, or what it needs of CUDA is not there.
    public static func cudaCount() throws(LibTorchError) -> Int {
        do {
            try check(ct_load_accelerator())
        } catch {
            throw LibTorchError(message: "this libtorch has no CUDA (\(error.message)): run 'make build DEVICE=cuda'")
        }
        return Int(ct_accelerator_count())
    }

    /// Has the calling thread make its tensors here.
    ///
    /// - Throws: ``LibTorchError`` where there is no such device.
    public func makeCurrent() throws(LibTorchError) {
        if self != .cpu {
            let count = try Self.cudaCount()
            guard number < count else {
                throw LibTorchError(message: "there is no device \(self): this process sees \(count)")
            }
        }
        try check(ct_set_device(number))
    }

    /// Runs `body` with this as the calling thread's device, which is why `body` cannot suspend.
    package func perform<Result>(_ body: () throws -> Result) throws -> Result {
        let before = Self.current
        try makeCurrent()
        // What has been current can be again.
        defer { ct_set_device(before.number) }
        return try body()
    }

    /// Free and all bytes of a CUDA device's memory.
    ///
    /// - Throws: ``LibTorchError`` where there is no such device; the CPU's memory is not libtorch's to know.
    public func memory() throws(LibTorchError) -> (free: Int, total: Int) {
        guard case .cuda = self else { throw LibTorchError(message: "libtorch does not know the memory of the CPU") }
        _ = try Self.cudaCount()
        var (free, total): (Int64, Int64) = (0, 0)
        try check(ct_device_memory(number, &free, &total))
        return (Int(free), Int(total))
    }

    /// The shim's number: -1 for the CPU.
    var number: Int32 {
        switch self {
        case .cpu: -1
        case .cuda(let index): Int32(clamping: index)
        }
    }

    init(number: Int32) { self = number < 0 ? .cpu : .cuda(Int(number)) }
}
