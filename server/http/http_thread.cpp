#include "server/http/http_thread.h"

#include <QCoreApplication>
#include <QThread>

namespace skillbox {

bool HttpThread::run(std::function<void()> task)
{
    std::unique_lock lock(m_mutex);
    if (!m_open)
        return false;
    if (m_receiver.thread() != QThread::currentThread())
        return QMetaObject::invokeMethod(&m_receiver, std::move(task), Qt::QueuedConnection);
    lock.unlock(); // nobody else closes it: we are on its thread
    task();
    return true;
}

void HttpThread::close()
{
    const std::lock_guard lock(m_mutex);
    m_open = false;
    QCoreApplication::removePostedEvents(&m_receiver);
}

} // namespace skillbox
