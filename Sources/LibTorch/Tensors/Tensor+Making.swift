import CLibTorch

extension Tensor {
    /// A float64 tensor of the given values, the last dimension fastest.
    ///
    /// - Precondition: `shape` has as many elements as there are values.
    public convenience init(_ values: [Double], shape: [Int]) throws(LibTorchError) {
        precondition(shape.reduce(1, *) == values.count, "\(values.count) values do not fill the shape \(shape)")
        try self.init { ct_from_doubles(values, shape.map(Int64.init), Int64(shape.count), &$0) }
    }

    /// An int64 tensor of the given values, the last dimension fastest.
    ///
    /// - Precondition: `shape` has as many elements as there are values.
    public convenience init(_ values: [Int], shape: [Int]) throws(LibTorchError) {
        precondition(shape.reduce(1, *) == values.count, "\(values.count) values do not fill the shape \(shape)")
        try self.init { ct_from_int64(values.map(Int64.init), shape.map(Int64.init), Int64(shape.count), &$0) }
    }

    /// A tensor whose elements are not set.
    public static func empty(_ shape: [Int], _ type: ElementType) throws(LibTorchError) -> Tensor {
        try Tensor { ct_empty(shape.map(Int64.init), Int64(shape.count), type.rawValue, &$0) }
    }

    /// A tensor of one value.
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

    /// Standard normal numbers that depend on `seed` and the shape alone, the same on every device.
    public static func normal(_ shape: [Int], _ type: ElementType, seed: UInt64) throws(LibTorchError) -> Tensor {
        try Tensor { ct_normal(shape.map(Int64.init), Int64(shape.count), type.rawValue, seed, &$0) }
    }

    /// The tensor on a device; itself where it lies there.
    public func moved(to device: Device) throws(LibTorchError) -> Tensor {
        try Tensor { ct_to_device(handle, device.number, &$0) }
    }

    /// A copy of the tensor.
    public func copied() throws(LibTorchError) -> Tensor { try Tensor { ct_clone(handle, &$0) } }

    /// The tensor with elements of another type; itself where it has that type.
    public func converted(to type: ElementType) throws(LibTorchError) -> Tensor {
        try Tensor { ct_to_type(handle, type.rawValue, &$0) }
    }

    /// The elements as float64, the last dimension fastest. Copies.
    public func doubles() throws(LibTorchError) -> [Double] {
        var values = [Double](repeating: 0, count: elementCount)
        try check(ct_to_doubles(handle, &values))
        return values
    }

    /// The elements as integers, the last dimension fastest. Copies.
    public func integers() throws(LibTorchError) -> [Int] {
        var values = [Int64](repeating: 0, count: elementCount)
        try check(ct_to_int64(handle, &values))
        return values.map(Int.init)
    }

    /// The only element as float64.
    ///
    /// - Precondition: There is one element.
    public func double() throws(LibTorchError) -> Double {
        precondition(elementCount == 1, "a tensor of \(shape) has no single value")
        var value = 0.0
        try check(ct_to_doubles(handle, &value))
        return value
    }

    /// Calls `body` with the bytes of the contiguous tensor; those of one on another device are copied to the CPU first.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        let local = try moved(to: .cpu)
        var pointer: UnsafeMutableRawPointer?
        try check(ct_bytes(local.handle, &pointer))
        return try withExtendedLifetime(local) { try body(UnsafeRawBufferPointer(start: pointer, count: byteCount)) }
    }

    /// A tensor whose bytes `body` fills in, all of them, before it goes to the current device.
    package static func filled(
        _ shape: [Int], _ type: ElementType, _ body: (UnsafeMutableRawBufferPointer) throws -> Void
    ) throws -> Tensor {
        let tensor = try Device.cpu.perform { try empty(shape, type) }
        var pointer: UnsafeMutableRawPointer?
        try check(ct_bytes(tensor.handle, &pointer))
        try withExtendedLifetime(tensor) {
            try body(UnsafeMutableRawBufferPointer(start: pointer, count: tensor.byteCount))
        }
        return try tensor.moved(to: .current)
    }
}
