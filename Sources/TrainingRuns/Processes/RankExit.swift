/// The exit statuses by which a rank tells its launcher why it ended.
package enum RankExit {
    /// An operation among ranks failed, as it does on every rank after one of them has ended (`EX_TEMPFAIL`).
    package static let lostPeer: Int32 = 75
}
