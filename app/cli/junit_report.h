#pragma once

#include <QByteArray>
#include <QList>
#include <QStringList>

#include <chrono>

namespace skillbox {

/// One test case of a skill and how it went.
struct CaseResult {
    QString skill;
    QString name;
    QStringList problems; ///< empty: passed
    std::chrono::milliseconds duration{};
};

/// The results as JUnit XML, the dialect that CI systems read: a suite for each skill. Characters
/// that XML cannot hold are replaced.
QByteArray junitReport(const QList<CaseResult> &results);

} // namespace skillbox
