#pragma once

#include "app/desktop/preview/document_process.h"
#include "app/desktop/preview/image_canvas.h"

#include <QButtonGroup>
#include <QSlider>
#include <QStackedWidget>
#include <QWidget>

namespace skillbox {

/// Two pictures: beside each other, one shining through the other, or what differs between them.
/// GUI thread.
class ImageCompare : public QWidget
{
    Q_OBJECT

public:
    enum class View { Sides, Onion, Difference };

    explicit ImageCompare(QWidget *parent = nullptr);
    /// Answers with compared() or failed().
    void show(preview::Kind leftKind, const QString &left, preview::Kind rightKind,
              const QString &right);
    void close();
    void setView(View view);
    void applyTheme(const Theme &theme);
    /// How many pixels differ, of the larger picture's; known after compared().
    qint64 differingPixels() const { return m_differing; }

Q_SIGNALS:
    void compared(const QString &summary);
    void failed(const QString &why);

private:
    void take(int side, const DocumentProcess::Picture &picture);
    void compose();

    DocumentProcess m_processes[2];
    QImage m_images[2];
    ImageCanvas *m_sides[2];
    ImageCanvas *m_both;
    QStackedWidget *m_stack;
    QWidget *m_sidesPage;
    QButtonGroup m_views;
    QSlider *m_onion;
    View m_view = View::Sides;
    qint64 m_differing = 0;
    QImage m_difference;
};

} // namespace skillbox
