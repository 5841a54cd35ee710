#include "app/desktop/shell/notification_panel.h"

#include "app/desktop/widgets/controls.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int panelWidth = 400;
constexpr int panelHeight = 480;
constexpr int fromEdge = 12;
constexpr int aboveStatusLine = 40;

} // namespace

NotificationPanel::NotificationPanel(Notifications &notifications, QWidget *host)
    : QFrame(host)
    , m_notifications(notifications)
    , m_host(host)
    , m_clear(new QPushButton(tr("Clear")))
    , m_scroll(new QScrollArea)
{
    setObjectName(u"notices"_s);
    setProperty("surface", u"overlay"_s);
    setAccessibleName(tr("Past messages"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(16, 12, 8, 12);
    column->setSpacing(8);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(0, 0, 8, 0);
    head->addWidget(textLabel(tr("Messages"), u"heading"_s), 1);
    m_clear->setProperty("kind", u"flat"_s);
    head->addWidget(m_clear);
    column->addLayout(head);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setAccessibleName(tr("Past messages"));
    column->addWidget(m_scroll, 1);
    connect(m_clear, &QPushButton::clicked, &notifications, &Notifications::clear);
    connect(&notifications, &Notifications::posted, this, [this] {
        if (isVisible())
            fill();
    });
    connect(&notifications, &Notifications::cleared, this, [this] {
        if (isVisible())
            fill();
    });
    host->installEventFilter(this);
    hide();
}

void NotificationPanel::open()
{
    if (isVisible()) {
        dismiss();
        return;
    }
    m_before = m_host->window()->focusWidget();
    fill();
    place();
    show();
    raise();
    m_scroll->setFocus(Qt::OtherFocusReason);
    qApp->installEventFilter(this);
    Q_EMIT opened();
}

void NotificationPanel::dismiss()
{
    qApp->removeEventFilter(this);
    hide();
    if (m_before)
        m_before->setFocus(Qt::OtherFocusReason);
}

void NotificationPanel::fill()
{
    auto *list = new QWidget;
    auto *column = new QVBoxLayout(list);
    column->setContentsMargins(0, 0, 8, 0);
    column->setSpacing(0);
    const QList<Notice> &history = m_notifications.history();
    m_clear->setEnabled(!history.isEmpty());
    if (history.isEmpty())
        column->addWidget(textLabel(tr("Nothing was announced since the start."), u"muted"_s));
    for (auto notice = history.crbegin(); notice != history.crend(); ++notice) {
        auto *row = new QFrame;
        row->setProperty("surface", u"row"_s);
        auto *lines = new QVBoxLayout(row);
        lines->setContentsMargins(0, 10, 0, 10);
        lines->setSpacing(4);
        auto *head = new QHBoxLayout;
        head->setSpacing(8);
        head->addWidget(badgeLabel(noticeWord(notice->kind), noticeBadge(notice->kind)), 0,
                        Qt::AlignTop);
        head->addWidget(textLabel(notice->title), 1);
        auto *time = new QLabel(QLocale().toString(notice->at.time(), QLocale::ShortFormat));
        time->setProperty("textRole", u"muted"_s);
        head->addWidget(time, 0, Qt::AlignTop);
        lines->addLayout(head);
        if (!notice->text.isEmpty()) {
            auto *text = textLabel(notice->text, u"muted"_s);
            text->setTextInteractionFlags(Qt::TextSelectableByMouse);
            lines->addWidget(text);
        }
        if (!notice->actionTitle.isEmpty() && notice->action) {
            auto *button = new QPushButton(notice->actionTitle);
            lines->addWidget(button, 0, Qt::AlignLeft);
            connect(button, &QPushButton::clicked, this, [this, action = notice->action] {
                dismiss();
                action();
            });
        }
        column->addWidget(row);
    }
    column->addStretch(1);
    m_scroll->setWidget(list);
}

void NotificationPanel::place()
{
    const int height = qMin(panelHeight, m_host->height() - aboveStatusLine - fromEdge);
    resize(qMin(panelWidth, m_host->width() - 2 * fromEdge), height);
    move(m_host->width() - width() - fromEdge, m_host->height() - height - aboveStatusLine);
}

bool NotificationPanel::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_host && event->type() == QEvent::Resize && isVisible())
        place();
    if (event->type() == QEvent::MouseButtonPress && isVisible() && watched->isWidgetType()) {
        auto *widget = static_cast<QWidget *>(watched);
        // The bell that opened it closes it by itself.
        if (widget->window() == window() && widget != this && !isAncestorOf(widget)
            && widget->objectName() != "status.notices"_L1)
            dismiss();
    }
    return QFrame::eventFilter(watched, event);
}

void NotificationPanel::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        dismiss();
    else
        QFrame::keyPressEvent(event);
}

} // namespace skillbox
