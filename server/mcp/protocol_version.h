#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>

namespace skillbox {

/// A revision of the Model Context Protocol, which are named by their dates, and what it has.
class ProtocolVersion
{
public:
    static const QStringList &supported(); ///< newest first
    static bool isSupported(const QString &text) { return supported().contains(text); }
    /// The one the client asks for, or our newest where we do not speak that
    /// (basic/lifecycle#version-negotiation).
    static ProtocolVersion negotiate(const QString &wanted);

    const QString &text() const { return m_text; }
    bool hasBatches() const { return m_text == QLatin1StringView("2025-03-26"); }
    bool hasAudio() const { return isAtLeast("2025-03-26"); }
    bool hasProgressMessages() const { return isAtLeast("2025-03-26"); }
    bool hasStructuredResults() const { return isAtLeast("2025-06-18"); }
    bool hasResourceLinks() const { return isAtLeast("2025-06-18"); }
    /// Clients before it take every event's data for JSON.
    bool hasEmptyEvents() const { return isAtLeast("2025-11-25"); }

private:
    explicit ProtocolVersion(QString text) : m_text(std::move(text)) { }
    bool isAtLeast(const char *date) const { return m_text >= QLatin1StringView(date); }

    QString m_text;
};

} // namespace skillbox
