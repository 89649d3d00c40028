/// A date and time of day in UTC, in the proleptic Gregorian calendar.
public struct CivilDate: CustomStringConvertible, Sendable {
  /// Calendar fields: `month` and `day` count from 1, the others from 0.
  public let year: Int64, month: Int64, day: Int64, hour: Int64, minute: Int64, second: Int64

  /// The date of a moment given in seconds since the Unix epoch.
  public init(secondsSinceEpoch seconds: Int64) {
    var days = seconds / 86_400
    var rest = seconds % 86_400
    if rest < 0 { (days, rest) = (days - 1, rest + 86_400) }
    (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)

    // Counted from 0000-03-01, a leap day ends its year, its century and its 400 years.
    let sinceMarch = days + 719_468
    let era = (sinceMarch >= 0 ? sinceMarch : sinceMarch - 146_096) / 146_097
    let dayOfEra = sinceMarch - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// `2026-11-20T09:12:03`, without fraction and zone.
  public var description: String {
    let date = [decimal(year.magnitude, digits: 4), two(month), two(day)].joined(separator: "-")
    let time = [two(hour), two(minute), two(second)].joined(separator: ":")
    return (year < 0 ? "-" : "") + date + "T" + time
  }

  private func two(_ value: Int64) -> String { decimal(value.magnitude, digits: 2) }
}

/// `value` in decimal, with leading zeros to at least `digits` digits.
public func decimal(_ value: UInt64, digits: Int) -> String {
  let plain = String(value)
  return plain.utf8.count >= digits
    ? plain : String(repeating: "0", count: digits - plain.utf8.count) + plain
}
