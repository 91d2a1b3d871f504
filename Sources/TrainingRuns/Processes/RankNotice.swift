/// A line of a rank's standard output that the launcher shows: a problem that does not end training.
package struct RankNotice: Codable {
    package let warning: String

    package init(warning: String) { self.warning = warning }
}
