import Foundation

extension TokenFiles {
    /// Checks that all tokens are in the vocabulary or, if the format is ``DatasetFormat/bytes``, that all files are
    /// text.
    ///
    /// A file of another kind, such as Parquet, is refused unless the format is ``DatasetFormat/uint8``. A file with a
    /// zero byte in its first MiB is not text. Text in UTF-8 and in one-byte encodings has no zero bytes; compressed
    /// files, executables, arrays and UTF-16 nearly always have some. Files of tokens are read in SIMD vectors, at the
    /// speed of the memory or of the disk.
    ///
    /// - Throws: ``RecipeError`` naming the file, the position and the remedy.
    /// - Complexity: O(bytes) for tokens, O(1) per file for text.
    public func checkContents(vocabulary: Int) throws(RecipeError) {
        try checkDescriptions(vocabulary: vocabulary)
        for (index, file) in files.enumerated() {
            if format != .uint8, let kind = FileKind(path: file.path, start: file.bytes.prefix(1 << 16)) {
                throw RecipeError("training.dataset_path: \(file.path) is \(kind.remedy(forFile: file.path))")
            }
            if format == .bytes {
                if let place = Self.zeroByte(file.bytes.prefix(1 << 20)) {
                    throw RecipeError(
                        "training.dataset_path: \(file.path) is not text: byte \(place) is zero: give text in UTF-8, "
                            + "or set training.dataset_format to uint8, uint16 or uint32 if the file holds tokens")
                }
            } else if let place = place(atLeast: vocabulary, inFile: index) {
                let token = tokens(place..<place + 1, ofFile: index)[0]
                throw RecipeError(
                    "training.dataset_path: \(file.path) has token \(token) at \(place), but model.vocab_size "
                        + "is \(vocabulary): give at least \(token + 1), or another training.dataset_format")
            }
        }
    }

    private static func zeroByte(_ bytes: Data) -> Int? {
        bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress, let zero = memchr(start, 0, bytes.count) else { return nil }
            return start.distance(to: UnsafeRawPointer(zero))
        }
    }

    /// Returns the position of the first token that is at least `limit`.
    private func place(atLeast limit: Int, inFile file: Int) -> Int? {
        files[file].bytes.withUnsafeBytes { bytes in
            switch format {
            case .bytes, .uint8: Self.place(atLeast: limit, in: bytes, as: SIMD32<UInt8>.self)
            case .uint16: Self.place(atLeast: limit, in: bytes, as: SIMD16<UInt16>.self)
            case .uint32: Self.place(atLeast: limit, in: bytes, as: SIMD8<UInt32>.self)
            }
        }
    }

    /// Returns the position of the first element that is at least `limit`: finds the block by its maximum, then
    /// searches the block element by element.
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
            // The rest of the block is shorter than four vectors.
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
