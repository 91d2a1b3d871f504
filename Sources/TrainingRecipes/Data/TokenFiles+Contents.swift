import Foundation

extension TokenFiles {
    /// Reads all files once and refuses what cannot be learned from: a token beyond the vocabulary, or, where text is
    /// expected, a file that is not text.
    ///
    /// A file is not text where its first MiB has a zero byte: UTF-8 and the one-byte encodings never do, compressed
    /// files, executables, arrays and UTF-16 nearly always. Files of tokens are read by vectors, at the speed of memory or
    /// of the disk.
    ///
    /// - Throws: ``RecipeError`` naming the file, the place and the remedy.
    /// - Complexity: O(bytes); O(1) a file where the tokens are bytes of text.
    public func checkContents(vocabulary: Int) throws(RecipeError) {
        for (index, file) in files.enumerated() {
            if format == .bytes {
                if let place = Self.zeroByte(file.bytes.prefix(1 << 20)) {
                    throw RecipeError(
                        "training.dataset_path: \(file.path) is not text, it has a zero byte at \(place): give text in "
                            + "UTF-8, or set training.dataset_format to uint8, uint16 or uint32 if it holds tokens")
                }
            } else if let place = place(atLeast: vocabulary, inFile: index) {
                let token = tokens(place..<place + 1, ofFile: index)[0]
                throw RecipeError(
                    "training.dataset_path: \(file.path) has token \(token) at \(place), but model.vocab_size "
                        + "is \(vocabulary): give "
                        + "at least \(token + 1), or is training.dataset_format not what the file holds?")
            }
        }
    }

    private static func zeroByte(_ bytes: Data) -> Int? {
        bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress, let zero = memchr(start, 0, bytes.count) else { return nil }
            return start.distance(to: UnsafeRawPointer(zero))
        }
    }

    /// The first token of `limit` or more.
    private func place(atLeast limit: Int, inFile file: Int) -> Int? {
        files[file].bytes.withUnsafeBytes { bytes in
            switch format {
            case .bytes, .uint8: Self.place(atLeast: limit, in: bytes, as: SIMD32<UInt8>.self)
            case .uint16: Self.place(atLeast: limit, in: bytes, as: SIMD16<UInt16>.self)
            case .uint32: Self.place(atLeast: limit, in: bytes, as: SIMD8<UInt32>.self)
            }
        }
    }

    /// The largest element of a block at a time, then the block that has it element by element.
    @inline(__always)
    private static func place<Vector: SIMD & BitwiseCopyable>(
        atLeast limit: Int, in bytes: UnsafeRawBufferPointer, as vector: Vector.Type
    ) -> Int? where Vector.Scalar: FixedWidthInteger & UnsignedInteger & BitwiseCopyable {
        guard limit <= Int(Vector.Scalar.max) else { return nil }
        let width = MemoryLayout<Vector.Scalar>.size
        let stride = MemoryLayout<Vector>.size
        let block = 1 << 18
        var offset = 0
        while offset < bytes.count {
            let end = min(offset + block, bytes.count)
            let vectors = (end - offset) / (4 * stride)
            // Four maxima, so that no load waits for the comparison before it.
            var (a, b, c, d) = (Vector(), Vector(), Vector(), Vector())
            for index in 0..<vectors {
                let place = offset + 4 * index * stride
                a = pointwiseMax(a, bytes.loadUnaligned(fromByteOffset: place, as: Vector.self))
                b = pointwiseMax(b, bytes.loadUnaligned(fromByteOffset: place + stride, as: Vector.self))
                c = pointwiseMax(c, bytes.loadUnaligned(fromByteOffset: place + 2 * stride, as: Vector.self))
                d = pointwiseMax(d, bytes.loadUnaligned(fromByteOffset: place + 3 * stride, as: Vector.self))
            }
            let largest = pointwiseMax(pointwiseMax(a, b), pointwiseMax(c, d)).max()
            // What the vectors leave over is less than one round of them.
            let rest = offset + 4 * vectors * stride
            for place in Swift.stride(from: Int(largest) >= limit ? offset : rest, to: end, by: width)
            where Int(bytes.loadUnaligned(fromByteOffset: place, as: Vector.Scalar.self)) >= limit {
                return place / width
            }
            offset = end
        }
        return nil
    }
}
