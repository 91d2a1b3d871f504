import CLibTorch

extension Tensor {
    /// Creates a float64 tensor of the given values in row-major order.
    ///
    /// - Precondition: `shape` has as many elements as there are values.
    public convenience init(_ values: [Double], shape: [Int]) throws(LibTorchError) {
        precondition(shape.reduce(1, *) == values.count, "\(values.count) values do not fill the shape \(shape)")
        try self.init { ct_from_doubles(values, shape.map(Int64.init), Int64(shape.count), &$0) }
    }

    /// Creates an int64 tensor of the given values in row-major order.
    ///
    /// - Precondition: `shape` has as many elements as there are values.
    public convenience init(_ values: [Int], shape: [Int]) throws(LibTorchError) {
        precondition(shape.reduce(1, *) == values.count, "\(values.count) values do not fill the shape \(shape)")
        try self.init { ct_from_int64(values.map(Int64.init), shape.map(Int64.init), Int64(shape.count), &$0) }
    }

    /// A tensor with uninitialized elements.
    public static func empty(_ shape: [Int], _ type: ElementType) throws(LibTorchError) -> Tensor {
        try Tensor { ct_empty(shape.map(Int64.init), Int64(shape.count), type.rawValue, &$0) }
    }

    /// A tensor whose elements all have the same value.
    public static func full(_ shape: [Int], _ type: ElementType, _ value: Double) throws(LibTorchError) -> Tensor {
        try Tensor { ct_full(shape.map(Int64.init), Int64(shape.count), type.rawValue, value, &$0) }
    }

    /// A tensor of zeros.
    public static func zeros(_ shape: [Int], _ type: ElementType) throws(LibTorchError) -> Tensor {
        try full(shape, type, 0)
    }

    /// The numbers 0 ..< count.
    public static func range(_ count: Int, _ type: ElementType) throws(LibTorchError) -> Tensor {
        try Tensor { ct_arange(Int64(count), type.rawValue, &$0) }
    }

    /// Standard normal numbers. They depend only on `seed` and the shape, not on the device.
    public static func normal(_ shape: [Int], _ type: ElementType, seed: UInt64) throws(LibTorchError) -> Tensor {
        try normal(shape, type, seeds: [seed]).reshaped(shape)
    }

    /// Standard normal numbers of a shape for each seed, stacked along a new first dimension.
    ///
    /// The numbers are drawn on the compute threads of the process. They do not depend on the number of threads.
    package static func normal(
        _ shape: [Int], _ type: ElementType, seeds: [UInt64]
    ) throws(LibTorchError) -> Tensor {
        try Tensor {
            ct_normal(
                shape.map(Int64.init), Int64(shape.count), type.rawValue, seeds, Int64(seeds.count), &$0)
        }
    }

    /// The tensor on a device; the same tensor if it already is there.
    public func moved(to device: Device) throws(LibTorchError) -> Tensor {
        let number = try device.number
        return try Tensor { ct_to_device(handle, number, &$0) }
    }

    /// A tensor of the CPU on the current device; the same tensor if it already is on a device.
    ///
    /// - Parameter waits: Whether the caller waits for the copy. If not, the device copies from page-locked memory.
    package func uploaded(waits: Bool = false) throws(LibTorchError) -> Tensor {
        try Tensor { ct_upload(handle, waits ? 1 : 0, &$0) }
    }

    /// A copy of the tensor.
    public func copied() throws(LibTorchError) -> Tensor { try Tensor { ct_clone(handle, &$0) } }

    /// The tensor with elements of another type; the same tensor if it already has that type.
    public func converted(to type: ElementType) throws(LibTorchError) -> Tensor {
        try Tensor { ct_to_type(handle, type.rawValue, &$0) }
    }

    /// A copy of the elements as float64, in row-major order.
    public func doubles() throws(LibTorchError) -> [Double] {
        var values = [Double](repeating: 0, count: elementCount)
        try check(ct_to_doubles(handle, &values))
        return values
    }

    /// A copy of the elements as integers, in row-major order.
    public func integers() throws(LibTorchError) -> [Int] {
        var values = [Int64](repeating: 0, count: elementCount)
        try check(ct_to_int64(handle, &values))
        return values.map(Int.init)
    }

    /// The only element as float64.
    ///
    /// - Precondition: The tensor has one element.
    public func double() throws(LibTorchError) -> Double {
        precondition(elementCount == 1, "a tensor of \(shape) has no single value")
        var value = 0.0
        try check(ct_to_doubles(handle, &value))
        return value
    }

    /// Calls `body` with the bytes of a contiguous tensor. A tensor on another device is copied to the CPU first.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        let local = try moved(to: .cpu)
        var pointer: UnsafeMutableRawPointer?
        try check(ct_bytes(local.handle, &pointer))
        return try withExtendedLifetime(local) { try body(UnsafeRawBufferPointer(start: pointer, count: byteCount)) }
    }

    /// A tensor on the current device whose bytes `body` sets. `body` must set all of them.
    package static func filled(
        _ shape: [Int], _ type: ElementType, _ body: (UnsafeMutableRawBufferPointer) throws -> Void
    ) throws -> Tensor {
        let tensor = try Device.cpu.perform { try empty(shape, type) }
        var pointer: UnsafeMutableRawPointer?
        try check(ct_bytes(tensor.handle, &pointer))
        try withExtendedLifetime(tensor) {
            try body(UnsafeMutableRawBufferPointer(start: pointer, count: tensor.byteCount))
        }
        return try tensor.uploaded(waits: true)
    }
}
