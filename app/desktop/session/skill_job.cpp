#include "app/desktop/session/skill_job.h"

#include <algorithm>

namespace skillbox {

SkillJob::SkillJob(Kind kind, QString place, QList<JobItem> items, QObject *parent)
    : QObject(parent)
    , m_kind(kind)
    , m_place(std::move(place))
    , m_items(std::move(items))
{
}

int SkillJob::count(JobItem::State state) const
{
    return static_cast<int>(std::count_if(m_items.cbegin(), m_items.cend(), [&](const auto &item) {
        return item.state == state;
    }));
}

double SkillJob::progress() const
{
    if (m_items.isEmpty())
        return 0;
    double done = m_part;
    for (const JobItem &item : m_items) {
        if (item.state != JobItem::State::Waiting && item.state != JobItem::State::Working)
            done += 1;
    }
    return done / static_cast<double>(m_items.size());
}

bool SkillJob::hasProblems() const
{
    return std::any_of(m_items.cbegin(), m_items.cend(), [](const JobItem &item) {
        return item.isOpen() || item.state == JobItem::State::Conflict;
    });
}

void SkillJob::begin()
{
    m_running = true;
    m_stop = std::stop_source();
    for (JobItem &item : m_items) {
        if (item.isOpen()) {
            item.state = JobItem::State::Waiting;
            item.error = {};
        }
    }
    Q_EMIT changed();
}

void SkillJob::replaceItems(QList<JobItem> items)
{
    m_items = std::move(items);
    Q_EMIT changed();
}

void SkillJob::setCurrent(int index)
{
    m_current = index;
    m_part = 0;
    m_items[index].state = JobItem::State::Working;
    Q_EMIT changed();
}

void SkillJob::setProgress(double part)
{
    m_part = part;
    Q_EMIT changed();
}

void SkillJob::setItem(int index, const JobItem &item)
{
    m_items[index] = item;
    m_part = 0;
    Q_EMIT changed();
}

void SkillJob::end()
{
    m_running = false;
    m_current = -1;
    Q_EMIT changed();
    Q_EMIT finished();
}

} // namespace skillbox
