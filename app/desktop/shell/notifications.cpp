#include "app/desktop/shell/notifications.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QToolButton>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr auto shownFor = 6s;
constexpr int toastWidth = 360;
constexpr int margin = 16;

} // namespace

QString noticeBadge(NoticeKind kind)
{
    switch (kind) {
    case NoticeKind::Success: return u"success"_s;
    case NoticeKind::Warning: return u"warning"_s;
    case NoticeKind::Error: return u"error"_s;
    case NoticeKind::Info: break;
    }
    return u"info"_s;
}

QString noticeWord(NoticeKind kind)
{
    switch (kind) {
    case NoticeKind::Success: return ToastArea::tr("Done");
    case NoticeKind::Warning: return ToastArea::tr("Warning");
    case NoticeKind::Error: return ToastArea::tr("Error");
    case NoticeKind::Info: break;
    }
    return ToastArea::tr("Note");
}

Notifications::Notifications(QObject *parent) : QObject(parent) { }

void Notifications::post(Notice notice)
{
    if (!notice.at.isValid())
        notice.at = QDateTime::currentDateTime();
    m_history.append(notice);
    while (m_history.size() > kept)
        m_history.removeFirst();
    Q_EMIT posted(notice);
}

void Notifications::clear()
{
    m_history.clear();
    Q_EMIT cleared();
}

ToastArea::ToastArea(QWidget *host) : QWidget(host), m_host(host)
{
    setAttribute(Qt::WA_TranslucentBackground);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    host->installEventFilter(this);
    hide();
}

void ToastArea::show(const Notice &notice)
{
    m_toasts.removeAll(nullptr);
    while (m_toasts.size() >= shownAtOnce)
        delete m_toasts.takeFirst().data();

    auto *toast = new QFrame(this);
    toast->setObjectName(u"toast"_s);
    toast->setProperty("surface", u"overlay"_s);
    toast->setFixedWidth(toastWidth);
    toast->setAccessibleName(noticeWord(notice.kind) + u": "_s + notice.title);
    auto *column = new QVBoxLayout(toast);
    column->setContentsMargins(12, 10, 12, 12);
    column->setSpacing(6);
    auto *head = new QHBoxLayout;
    auto *badge = new QLabel(noticeWord(notice.kind));
    badge->setProperty("badge", noticeBadge(notice.kind));
    auto *title = new QLabel(notice.title);
    title->setProperty("textRole", u"strong"_s);
    title->setContentsMargins(0, 2, 0, 0);
    title->setWordWrap(true);
    title->setTextFormat(Qt::PlainText);
    auto *close = new QToolButton;
    close->setText(u"×"_s);
    close->setObjectName(u"toast.close"_s);
    close->setAccessibleName(tr("Close this message"));
    head->addWidget(badge, 0, Qt::AlignTop);
    head->addWidget(title, 1);
    head->addWidget(close, 0, Qt::AlignTop);
    column->addLayout(head);
    if (!notice.text.isEmpty()) {
        auto *text = new QLabel(notice.text);
        text->setTextFormat(Qt::PlainText);
        text->setWordWrap(true);
        text->setTextInteractionFlags(Qt::TextSelectableByMouse);
        column->addWidget(text);
    }
    const auto dismiss = [this, toast] {
        m_toasts.removeAll(toast);
        toast->deleteLater();
        QTimer::singleShot(0, this, [this] { place(); });
    };
    connect(close, &QToolButton::clicked, this, dismiss);
    if (!notice.actionTitle.isEmpty()) {
        auto *button = new QPushButton(notice.actionTitle);
        column->addWidget(button, 0, Qt::AlignRight);
        connect(button, &QPushButton::clicked, this, [dismiss, action = notice.action] {
            dismiss();
            if (action)
                action();
        });
    }
    if (notice.kind != NoticeKind::Error) {
        auto *timer = new QTimer(toast);
        timer->setInterval(shownFor);
        connect(timer, &QTimer::timeout, this, [dismiss, toast] {
            if (!toast->underMouse())
                dismiss();
        });
        timer->start();
    }
    layout()->addWidget(toast);
    m_toasts.append(toast);
    toast->show();
    place();
}

bool ToastArea::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_host && event->type() == QEvent::Resize)
        place();
    return QWidget::eventFilter(watched, event);
}

void ToastArea::place()
{
    m_toasts.removeAll(nullptr);
    setVisible(!m_toasts.isEmpty());
    if (m_toasts.isEmpty())
        return;
    layout()->activate();
    adjustSize();
    move(m_host->width() - width() - margin, m_host->height() - height() - margin - 28);
    raise();
}

} // namespace skillbox
