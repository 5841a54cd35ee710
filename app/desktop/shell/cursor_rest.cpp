#include "app/desktop/shell/cursor_rest.h"

#include <QApplication>
#include <QEvent>

using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// Long enough to find the cursor again after a look aside.
constexpr auto quietUntilRest = 5s;

} // namespace

CursorRest::CursorRest(QObject *parent) : QObject(parent), m_usual(QApplication::cursorFlashTime())
{
    m_quiet.setSingleShot(true);
    m_quiet.setInterval(quietUntilRest);
    connect(&m_quiet, &QTimer::timeout, this, [] { QApplication::setCursorFlashTime(0); });
    qApp->installEventFilter(this);
    m_quiet.start();
}

CursorRest::~CursorRest()
{
    QApplication::setCursorFlashTime(m_usual);
}

bool CursorRest::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress || event->type() == QEvent::MouseButtonPress
        || event->type() == QEvent::ApplicationStateChange)
        wake();
    return QObject::eventFilter(watched, event);
}

void CursorRest::wake()
{
    m_quiet.start();
    if (QApplication::cursorFlashTime() != m_usual)
        QApplication::setCursorFlashTime(m_usual);
}

} // namespace skillbox
