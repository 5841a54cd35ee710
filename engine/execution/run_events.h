#pragma once

#include "engine/execution/execution_service.h"

#include <mutex>
#include <vector>

namespace skillbox {

/// What happened to one run, numbered, for those who follow it. Holds the run's text once, as
/// UTF-8, and eight bytes an event, so that a run that writes its log byte by byte costs little.
/// Thread-safe.
class RunEvents
{
public:
    explicit RunEvents(TenantId tenant) : m_tenant(std::move(tenant)) { }

    const TenantId &tenant() const { return m_tenant; }

    /// Gives the event its number and keeps it. Nothing comes after Finished.
    qint64 append(const ExecutionEvent &event);
    /// Nothing: it has not happened yet.
    std::optional<ExecutionEvent> at(qint64 seq) const;
    qint64 count() const;
    bool ended() const;
    qint64 bytes() const;

private:
    struct Mark {
        quint32 textEnd = 0; ///< its text begins where that of the event before ends
        quint8 kind = 0;
        quint8 value = 0; ///< stream or status
    };
    const TenantId m_tenant;
    mutable std::mutex m_mutex; ///< guards everything below
    QByteArray m_text;
    std::vector<Mark> m_marks;
};

} // namespace skillbox
