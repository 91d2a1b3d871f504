/// The exit statuses of a rank that have a meaning for its launcher.
package enum RankExit {
    /// An operation among ranks failed, usually because another rank ended (`EX_TEMPFAIL`).
    package static let lostPeer: Int32 = 75
}
