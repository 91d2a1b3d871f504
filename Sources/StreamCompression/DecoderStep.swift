/// The outcome of one call of a decoder.
package enum DecoderStep {
    /// It took `consumed` packed bytes and wrote `produced`.
    case moved(consumed: Int, produced: Int)
    /// Everything is unpacked.
    case finished
    /// The packed bytes are wrong.
    case corrupt(String)
}

/// A decoder of packed bytes.
package protocol StreamDecoder {
    /// Unpacks some of `input` into `output`. An empty input means that the file has ended.
    func step(_ input: UnsafeMutableBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>) -> DecoderStep
}
