import CLibTorch

/// A device that holds tensors and computes with them.
///
/// Every thread has a current device on which it creates tensors, at first the CPU. The result of an operation is on
/// the device of its operands.
public enum Device: Hashable, Sendable, CustomStringConvertible {
    /// The CPU.
    case cpu
    /// A CUDA device. Its index counts the devices that are visible to the process, from 0.
    case cuda(Int)

    /// PyTorch's notation: `cpu`, `cuda:0`.
    public var description: String {
        switch self {
        case .cpu: "cpu"
        case .cuda(let index): "cuda:\(index)"
        }
    }

    /// The device on which the calling thread creates tensors.
    public static var current: Device { Device(number: ct_current_device()) }

    /// The number of CUDA devices that are visible to the process. 0 is not an error.
    ///
    /// The first call loads libtorch's CUDA library, which the CPU does not need.
    ///
    /// - Throws: ``LibTorchError`` if this libtorch is a CPU-only build or a CUDA library that it needs is missing.
    public static func cudaCount() throws(LibTorchError) -> Int {
        do {
            try check(ct_load_accelerator())
        } catch {
            throw LibTorchError(message: "this libtorch has no CUDA (\(error.message)): run 'make build DEVICE=cuda'")
        }
        return Int(ct_accelerator_count())
    }

    /// Makes this the device on which the calling thread creates tensors.
    ///
    /// - Throws: ``LibTorchError`` if the device does not exist.
    public func makeCurrent() throws(LibTorchError) {
        let number = try number
        if self != .cpu {
            let count = try Self.cudaCount()
            guard number < count else {
                throw LibTorchError(message: "there is no device \(self): this process sees \(count)")
            }
        }
        try check(ct_set_device(number))
    }

    /// Runs `body` with this as the calling thread's current device. The setting belongs to the thread, so `body`
    /// cannot be asynchronous.
    package func perform<Result>(_ body: () throws -> Result) throws -> Result {
        let before = ct_current_device()
        try makeCurrent()
        // Cannot fail: the device was current before.
        defer { ct_set_device(before) }
        return try body()
    }

    /// The free and total bytes of a CUDA device's memory.
    ///
    /// - Throws: ``LibTorchError`` if the device does not exist or is the CPU, whose memory libtorch does not know.
    public func memory() throws(LibTorchError) -> (free: Int, total: Int) {
        guard case .cuda = self else { throw LibTorchError(message: "libtorch does not know the memory of the CPU") }
        let number = try number
        _ = try Self.cudaCount()
        var (free, total): (Int64, Int64) = (0, 0)
        try check(ct_device_memory(number, &free, &total))
        return (Int(free), Int(total))
    }

    /// The device's number in the shim: its index, or -1 for the CPU.
    var number: Int32 {
        get throws(LibTorchError) {
            guard case .cuda(let index) = self else { return -1 }
            guard index >= 0 else { throw LibTorchError(message: "there is no device \(self): devices count from 0") }
            return Int32(clamping: index)
        }
    }

    init(number: Int32) { self = number < 0 ? .cpu : .cuda(Int(number)) }
}
