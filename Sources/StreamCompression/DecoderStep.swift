/// The outcome of one call of a decoder.
package enum DecoderStep {
    /// The decoder took `consumed` compressed bytes and wrote `produced` decompressed bytes.
    case moved(consumed: Int, produced: Int)
    /// The file is complete.
    case finished
    /// The compressed bytes are invalid, for the given reason.
    case corrupt(String)
}

/// A decoder of a compressed file that arrives in parts.
package protocol StreamDecoder {
    /// Decompresses some of `input` into `output`. An empty input means that the file has ended.
    func step(_ input: UnsafeMutableBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>) -> DecoderStep
}
