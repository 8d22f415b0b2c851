//! `/docs` and `/docs/errors`: pages of our own, that need nothing from anywhere else.

use forecourt_record::Code;
use forecourt_testkit::both;
use http::Method;
use serde_json::json;

both! {
    async fn the_browser_of_the_api_is_served_whole(app) {
        let page = app.anonymous(Method::GET, "/docs").send().await;
        page.expect(200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        for (path, media) in
            [("/docs/docs.css", "text/css; charset=utf-8"), ("/docs/docs.js", "text/javascript; charset=utf-8")]
        {
            let file = app.anonymous(Method::GET, path).send().await;
            file.expect(200);
            assert_eq!(file.header("content-type"), Some(media));
            assert!(!file.bytes.is_empty());
        }
        let list = app.anonymous(Method::GET, "/docs/dialects.json").send().await.expect(200);
        assert_eq!(list, json!([{"name": "altum", "title": "Altum Drive API"}, {"name": "walcu", "title": "Walcu CRM API"},
            {"name": "jobs", "title": "Walcu CRM API: jobs"}, {"name": "autengo", "title": "Autengo API"},
            {"name": "dialler", "title": "Dialler leads API"}, {"name": "trackdrive", "title": "TrackDrive leads API"},
            {"name": "native", "title": "Forecourt API"}]));
        assert_eq!(app.anonymous(Method::GET, "/docs/").send().await.status, 308);
    }

    async fn every_code_is_explained_where_a_problem_points_to(app) {
        let page = app.anonymous(Method::GET, "/docs/errors").send().await;
        page.expect(200);
        let text = String::from_utf8(page.bytes.clone()).unwrap();
        for code in Code::ALL {
            assert!(text.contains(&format!("id=\"{}\"", code.as_str())), "{code:?}");
        }
        let problem = app.get("/v1/leads/L-1").send().await.json();
        assert_eq!(problem["type"], "/docs/errors#not_found");
    }
}
