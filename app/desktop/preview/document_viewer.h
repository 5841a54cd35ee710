#pragma once

#include "app/desktop/preview/document_process.h"
#include "app/desktop/preview/image_canvas.h"
#include "app/desktop/preview/viewer.h"

#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QToolButton>

namespace skillbox {

/// Images, SVG and PDF: what the helper process draws, with zoom, pages and, in a PDF, find.
class DocumentViewer : public Viewer
{
    Q_OBJECT

public:
    explicit DocumentViewer(preview::Kind kind, QWidget *parent = nullptr);
    void open(const SharedFile &file, const QString &name) override;
    void close() override;
    void applyTheme(const Theme &theme) override;
    QWidget *tools() override { return m_tools; }

    DocumentProcess &process() { return m_process; }
    ImageCanvas &canvas() { return *m_canvas; }

private:
    QToolButton *tool(const QString &icon, const QString &title, const QString &name);
    void addPageTools();
    void showPage(int page);
    void showZoom(double zoom);
    void showPicture(const DocumentProcess::Picture &picture);
    void find();
    void showFound(int page, const QList<QRectF> &places);
    void drawIcons();

    const preview::Kind m_kind;
    DocumentProcess m_process;
    ImageCanvas *m_canvas;
    QWidget *m_tools;
    QLabel *m_zoom;
    QLabel *m_size;
    QWidget *m_pageTools = nullptr;
    QSpinBox *m_page = nullptr;
    QLabel *m_pages = nullptr;
    QLineEdit *m_find = nullptr;
    struct IconTool {
        QToolButton *button = nullptr;
        QString icon;
    };
    QList<IconTool> m_iconTools;
    QString m_searched; ///< what the marks are of
    int m_foundPage = -1;
    QList<QRectF> m_places;
    bool m_shown = false; ///< opened() was emitted
    Theme m_theme;
};

} // namespace skillbox
