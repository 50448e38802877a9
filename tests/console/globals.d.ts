// What the pages find in the window beside the browser's own: the bundle of Swagger UI.

interface Window {
  SwaggerUIBundle(options: {
    requestInterceptor(request: { headers: Record<string, string> }): unknown;
    [option: string]: unknown;
  }): unknown;
}
