/// The outcome of one call of a decoder.
package enum DecoderStep {
    /// It took `consumed` packed bytes and wrote `produced`.
    case moved(consumed: Int, produced: Int)
    /// Everything is unpacked.
    case finished
    /// The packed bytes are wrong.
    case corrupt(String)
}
