#pragma once

#include "engine/base/error.h"

#include <QTest>

/// Fails the test with the error's own words.
#define VERIFY_OK(expression)                                                                      \
    do {                                                                                           \
        const auto &verified = (expression);                                                       \
        QVERIFY2(verified.has_value(),                                                             \
                 verified.has_value()                                                              \
                     ? ""                                                                          \
                     : qPrintable(verified.error().message + QLatin1StringView(" | ")              \
                                  + verified.error().detail));                                     \
    } while (false)

/// The result is an error of this code, and its message is one sentence that names `mention`.
#define VERIFY_FAILS(expression, expectedCode, mention)                                            \
    do {                                                                                           \
        const auto &refused = (expression);                                                        \
        QVERIFY2(!refused.has_value(), "succeeded where it should fail");                          \
        const skillbox::Error seen = refused.error();                                              \
        QVERIFY2(seen.code == (expectedCode),                                                      \
                 qPrintable(skillbox::errorSlug(seen.code) + QLatin1StringView(": ")               \
                            + seen.message + QLatin1StringView(" | ") + seen.detail));             \
        QVERIFY2(seen.message.contains(mention), qPrintable(seen.message));                        \
        QVERIFY2(seen.message.endsWith(u'.'), qPrintable(seen.message));                           \
    } while (false)
