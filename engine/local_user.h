#pragma once

#include <QString>

namespace skillbox {

/// The person at this machine, for the records: the name of the effective user (getpwuid_r(3)), or
/// `uid N` for one without a name. Thread-safe.
QString localUserName();

} // namespace skillbox
